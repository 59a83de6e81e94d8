// "Why these partners": the record of the search for an order's partner, wave by wave, the
// latest first.

import { make } from './dom.js';
import { clockSeconds, distance, plural, shortId } from './format.js';
import { OUTCOMES, REASONS } from './words.js';

function asked(entry, choosePartner) {
  return make(
    'li',
    { 'data-partner-id': entry.partnerId, 'data-outcome': entry.outcome },
    make(
      'button',
      { type: 'button', class: 'link', onclick: () => choosePartner(entry.partnerId) },
      `Partner ${shortId(entry.partnerId)}`,
    ),
    make('span', { class: 'metres' }, distance(entry.metres)),
    make(
      'span',
      { class: `outcome ${entry.outcome.toLowerCase()}` },
      OUTCOMES[entry.outcome] ?? entry.outcome.toLowerCase(),
    ),
  );
}

/** "12 busy, 3 too far away", the most frequent first. */
function reasons(passedOver) {
  const counts = new Map();
  for (const { reason } of passedOver) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${count} ${REASONS[reason] ?? reason.replaceAll('_', ' ').toLowerCase()}`)
    .join(', ');
}

function wave(entry, choosePartner) {
  const where = Number.isFinite(entry.radiusMetres) ? ` within ${distance(entry.radiusMetres)}` : '';
  return make(
    'li',
    { 'data-wave': entry.number },
    make('h4', {}, `Wave ${entry.number}${where}`, make('time', {}, clockSeconds(entry.at))),
    entry.asked.length > 0
      ? make('ul', { class: 'asked' }, ...entry.asked.map((partner) => asked(partner, choosePartner)))
      : make('p', { class: 'hint' }, 'Nobody to ask.'),
    entry.passedOver.length > 0 && make('p', { class: 'hint' }, `Not asked: ${reasons(entry.passedOver)}.`),
  );
}

/** The section for a record as wire.searchRecord gives it. */
export function searchSection(record, choosePartner) {
  const everybody = record.waves.reduce((sum, entry) => sum + entry.asked.length, 0);
  const state = { OPEN: 'still looking', TAKEN: 'found', ENDED: 'ended' }[record.state] ?? record.state.toLowerCase();
  const summary = `${plural(everybody, 'partner')} asked in ${plural(record.waves.length, 'wave')}, ${state}.`;
  return make(
    'section',
    { id: 'search-record', 'data-state': record.state },
    make('h3', {}, 'Why these partners'),
    make('p', { class: 'hint' }, summary),
    make('ol', { class: 'waves' }, ...record.waves.toReversed().map((entry) => wave(entry, choosePartner))),
  );
}
