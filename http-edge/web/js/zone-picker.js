// The choice of a zone in the bar: those with something in them, the busiest first. Zones have no names; where they lie
// tells them apart.

import { byId, make, reconcile, setText } from './dom.js';
import { position, whole } from './format.js';
import { centreOf } from './s2.js';

const MOST_ZONES = 40;

function nameOf(zone) {
  const centre = centreOf(zone);
  return centre ? position(centre) : zone;
}

export class ZonePicker {
  #select = byId('zone-select');

  /** `choose(zone)` when the visitor picks one. */
  constructor(choose) {
    this.#select.addEventListener('change', () => choose(this.#select.value));
  }

  /** Offers `zones` (busiest first), of which `current` is chosen. */
  refresh(zones, current) {
    const offered = this.#offered(zones, current);
    byId('zone-field').hidden = offered.length < 2;
    reconcile(this.#select, offered, {
      key: ({ zone }) => zone,
      create: ({ zone }) => make('option', { value: zone }),
      // How many are open in the current one the counters beside the map know better: the list is seconds old.
      update: (option, { zone, openOrders }) =>
        setText(option, zone === current ? nameOf(zone) : `${nameOf(zone)} · ${whole(openOrders)} open`),
    });
    if (current !== null && this.#select.value !== current) this.#select.value = current;
  }

  #offered(zones, current) {
    const busy = zones.filter(({ openOrders, partnersOnline }) => openOrders > 0 || partnersOnline > 0);
    const offered = busy.slice(0, MOST_ZONES);
    const chosen = zones.find(({ zone }) => zone === current);
    if (chosen && !offered.includes(chosen)) offered.push(chosen);
    if (document.activeElement === this.#select) this.#keepOrder(offered);
    return offered;
  }

  /** The list may be open: what is in it stays where it is. */
  #keepOrder(offered) {
    const places = new Map([...this.#select.options].map((option, place) => [option.value, place]));
    const placeOf = ({ zone }) => places.get(zone) ?? places.size;
    offered.sort((a, b) => placeOf(a) - placeOf(b));
  }
}
