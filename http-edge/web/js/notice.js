// What lies over the map when there is no live city to see: connecting, empty, lost, closed. A lost city stays visible
// underneath, pale, with the notice as a banner.

import { byId, setData, setText } from './dom.js';

const CONNECTION = { connecting: 'Connecting', live: 'Live', empty: 'Waiting', lost: 'Offline', closed: 'Private' };

const CLOSED = {
  none: 'Paste an access token to watch it.',
  refused: 'That token was not accepted, or it has run out. Paste another one.',
};

export class Notice {
  #session;

  constructor(session) {
    this.#session = session;
    byId('token-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const token = byId('token-input').value.trim();
      byId('token-input').value = '';
      if (token) session.useToken(token);
    });
    byId('retry-now').addEventListener('click', () => session.retry());
  }

  /** `populated`: the map shows something; `seen`: the platform time of it, as text. */
  refresh(populated, seen) {
    const { state, reason } = this.#session;
    const kind = state === 'live' && !populated ? 'empty' : state;
    const notice = byId('notice');
    setData(byId('connection'), 'state', state);
    setText(byId('connection-text'), CONNECTION[state]);
    document.documentElement.toggleAttribute('data-stale', state !== 'live');
    const appears = notice.hidden && kind !== 'live';
    notice.hidden = kind === 'live';
    setData(notice, 'kind', kind);
    setData(notice, 'form', populated && kind !== 'closed' ? 'banner' : 'card');
    const [title, text] = this.#words(kind, reason, populated, seen);
    setText(byId('notice-title'), title);
    setText(byId('notice-text'), text);
    byId('token-form').hidden = kind !== 'closed';
    byId('retry-now').hidden = kind !== 'lost';
    if (appears) setText(byId('announce'), `${title}. ${text}`);
  }

  #words(kind, reason, populated, seen) {
    switch (kind) {
      case 'connecting':
        return ['Connecting', 'Looking for the city.'];
      case 'empty':
        return ['Nobody here yet', 'The city appears as soon as its first restaurant, partner or order does.'];
      case 'closed':
        return ['This city is private', CLOSED[reason]];
      case 'lost':
        return populated
          ? ['Connection lost', `This is the city as it was at ${seen}. ${this.#countdown()}`]
          : ['No connection', `The node does not answer. ${this.#countdown()}`];
      default:
        return ['', ''];
    }
  }

  #countdown() {
    const seconds = Math.ceil((this.#session.retryAt - performance.now()) / 1000);
    return seconds > 0 ? `Next try in ${seconds} s.` : 'Trying now.';
  }
}
