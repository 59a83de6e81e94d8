// The panel that takes the overview's place while an order, a partner or a restaurant is selected.

import { byId, make, setData } from './dom.js';
import { OrderCard } from './order-card.js';
import { PartnerCard, RestaurantCard } from './place-card.js';

const CARDS = { order: OrderCard, partner: PartnerCard, restaurant: RestaurantCard };
const BACK_LIMIT = 20;

export class Panel {
  #context;
  #on;
  #card = null;
  #trail = []; // what was selected before, for the way back
  #opener = null; // what had the focus when the panel was opened

  /** `context`: {city, clock, api, session}; `on.selected(card)` with null when nothing is. */
  constructor(context, on) {
    this.#context = { ...context, choose: (kind, id) => this.open(kind, id) };
    this.#on = on;
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#card) this.close();
    });
  }

  open(kind, id) {
    if (this.#card?.kind === kind && this.#card.id === id) return;
    if (this.#card) {
      this.#trail.push([this.#card.kind, this.#card.id]);
      if (this.#trail.length > BACK_LIMIT) this.#trail.shift();
    } else {
      this.#opener = document.activeElement;
    }
    this.#show(kind, id);
  }

  /** Back to what was selected before, or to the overview. */
  back() {
    const before = this.#trail.pop();
    if (before) this.#show(...before);
    else this.close();
  }

  close() {
    if (!this.#card) return;
    this.#card.dispose();
    this.#card = null;
    this.#trail = [];
    const detail = byId('detail');
    detail.hidden = true;
    byId('overview').hidden = false;
    detail.replaceChildren();
    setData(detail, 'kind', null);
    setData(detail, 'id', null);
    if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    this.#on.selected(null);
  }

  refresh() {
    this.#card?.refresh();
  }

  reconnected() {
    this.#card?.reconnected();
  }

  #show(kind, id) {
    this.#card?.dispose();
    this.#card = new CARDS[kind](id, this.#context);
    this.#card.refresh();
    const detail = byId('detail');
    const words = this.#trail.length > 0 ? 'Back' : 'City';
    detail.replaceChildren(
      make(
        'header',
        { class: 'detail-head' },
        make(
          'button',
          { type: 'button', class: 'back', onclick: () => this.back() },
          make('span', { 'aria-hidden': 'true' }, '‹'),
          words,
        ),
        make(
          'button',
          {
            type: 'button',
            id: 'detail-close',
            class: 'icon-button',
            'aria-label': 'Close',
            onclick: () => this.close(),
          },
          '×',
        ),
      ),
      make('h2', {}, this.#card.title),
      this.#card.element,
    );
    setData(detail, 'kind', kind);
    setData(detail, 'id', id);
    byId('overview').hidden = true;
    detail.hidden = false;
    // On a phone it is the sheet that scrolls.
    for (const scroller of [detail, byId('side')]) scroller.scrollTop = 0;
    detail.focus({ preventScroll: true });
    this.#on.selected(this.#card);
  }
}
