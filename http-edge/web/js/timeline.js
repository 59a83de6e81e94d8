// The steps of one order as a list, from its events or, where those are not for us, from what the map has shown.

import { make } from './dom.js';
import { clockSeconds, shortId, span } from './format.js';
import { describeEvent } from './words.js';

// What is still to come for an open order, by the event that will say so.
const MILESTONES = [
  ['order.accepted', 'Accepted by the restaurant'],
  ['order.partner_assigned', 'Partner found'],
  ['order.ready', 'Ready for pickup'],
  ['order.picked_up', 'Picked up'],
  ['order.delivered', 'Delivered'],
];

function step(event, previous, choosePartner) {
  const { title, phase, note } = describeEvent({ type: event.type, data: event.data ?? {} });
  const known = Number.isFinite(event.at);
  const gap = known && previous ? event.at - previous.at : NaN;
  const partnerId = event.type === 'order.partner_assigned' ? event.data?.partnerId : null;
  return make(
    'li',
    {
      class: phase,
      'data-event': event.type,
      'data-seq': event.seq ?? null,
      'data-at': known ? new Date(event.at).toISOString() : null,
    },
    make('span', { class: 'step-title' }, title),
    make('time', { class: 'step-time' }, `${event.latest ? 'by ' : ''}${clockSeconds(event.at)}`),
    (note || partnerId || gap >= 1000) &&
      make(
        'span',
        { class: 'step-note' },
        [note, gap >= 1000 ? `after ${span(gap)}` : ''].filter(Boolean).join(' · '),
        typeof partnerId === 'string' &&
          make(
            'button',
            { type: 'button', class: 'link', onclick: () => choosePartner(partnerId) },
            `partner ${shortId(partnerId)}`,
          ),
      ),
  );
}

/** What the present search still needs: after a partner gave the order back, one has to be found again. */
function reached(events) {
  const types = new Set(events.map((event) => event.type));
  const last = (type) => events.findLastIndex((event) => event.type === type);
  if (last('order.partner_released') > last('order.partner_assigned')) types.delete('order.partner_assigned');
  if (types.has('order.picked_up'))
    for (const type of ['order.accepted', 'order.ready', 'order.partner_assigned']) types.add(type);
  if (['order.preparation_started', 'order.ready', 'order.search_started'].some((type) => types.has(type)))
    types.add('order.accepted');
  return types;
}

/** The list items for `events` (oldest first), followed by what is still to come when the order is `open`. */
export function timelineItems(events, open, choosePartner) {
  const items = events.map((event, index) => step(event, events[index - 1], choosePartner));
  if (!open) return items;
  const done = reached(events);
  for (const [type, title] of MILESTONES) {
    if (!done.has(type))
      items.push(
        make('li', { class: 'upcoming', 'data-upcoming': type }, make('span', { class: 'step-title' }, title)),
      );
  }
  return items;
}
