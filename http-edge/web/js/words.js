// What states are called here, and the few phases they are coloured by.

const ENDED = new Set(['DELIVERED', 'PAYMENT_FAILED', 'REJECTED', 'CANCELLED', 'UNDELIVERABLE']);

export const isEnded = (order) => ENDED.has(order.status);

/**
 * The phase of an order: placed, preparing (a partner is found), searching (for a partner, whatever the kitchen does),
 * delivering, delivered, ended (in any other way). The node counts `placed` under preparing.
 */
export function phaseOf(order) {
  if (order.status === 'DELIVERED') return 'delivered';
  if (isEnded(order)) return 'ended';
  if (order.status === 'OUT_FOR_DELIVERY') return 'delivering';
  if (order.deliveryStatus === 'SEARCHING') return 'searching';
  return order.status.startsWith('PENDING') || order.status.startsWith('PAYMENT') ? 'placed' : 'preparing';
}

const KITCHEN = { ACCEPTED: 'Accepted', IN_PREPARATION: 'Cooking', READY_FOR_PICKUP: 'Ready' };
const PARTNER_STEP = { SEARCHING: 'looking for a partner', ASSIGNED: 'partner coming', AT_RESTAURANT: 'partner there' };
const FINAL = {
  DELIVERED: 'Delivered',
  CANCELLED: 'Cancelled',
  REJECTED: 'Rejected',
  UNDELIVERABLE: 'Not deliverable',
  PAYMENT_FAILED: 'Payment failed',
};

/** How an order is doing, in a few words. */
export function describe(order) {
  if (FINAL[order.status]) return FINAL[order.status];
  if (order.status === 'PAYMENT_PENDING') return 'Waiting for payment';
  if (order.status === 'PENDING_RESTAURANT_ACCEPTANCE') return 'Waiting for the restaurant';
  if (order.status === 'OUT_FOR_DELIVERY') return order.deliveryStatus === 'AT_CUSTOMER' ? 'At the door' : 'On the way';
  const step = PARTNER_STEP[order.deliveryStatus];
  return (KITCHEN[order.status] ?? 'Open') + (step ? `, ${step}` : '');
}

/** Partner states in the order in which they are shown: [state, words, tone, one word]. */
export const PARTNER_STATES = [
  ['IDLE', 'Free', 'idle', 'Free'],
  ['TO_RESTAURANT', 'On the way to a restaurant', 'preparing', 'Pickup'],
  ['AT_RESTAURANT', 'At the restaurant', 'waiting', 'Waiting'],
  ['TO_CUSTOMER', 'On the way to a customer', 'delivering', 'Delivering'],
];

export const partnerWords = (state) => PARTNER_STATES.find(([name]) => name === state)?.[1] ?? 'Online';

/** Event types of an order: [words, phase]. */
const EVENTS = {
  'order.placed': ['Placed', 'placed'],
  'order.paid': ['Paid', 'placed'],
  'order.payment_failed': ['Payment failed', 'ended'],
  'order.accepted': ['Accepted by the restaurant', 'preparing'],
  'order.rejected': ['Rejected by the restaurant', 'ended'],
  'order.search_started': ['Looking for a partner', 'searching'],
  'order.preparation_started': ['Cooking', 'preparing'],
  'order.stage_changed': ['Next kitchen stage', 'preparing'],
  'order.ready': ['Ready for pickup', 'preparing'],
  'order.partner_assigned': ['Partner found', 'preparing'],
  'order.partner_at_restaurant': ['Partner at the restaurant', 'preparing'],
  'order.picked_up': ['Picked up', 'delivering'],
  'order.partner_at_customer': ['At the door', 'delivering'],
  'order.delivered': ['Delivered', 'delivered'],
  'order.partner_released': ['Partner gave it back', 'searching'],
  'order.delivery_failed': ['Delivery failed', 'ended'],
  'order.cancelled': ['Cancelled', 'ended'],
  'order.modified': ['Changed', 'placed'],
};

const BY = {
  CUSTOMER: 'the customer',
  RESTAURANT: 'the restaurant',
  PARTNER: 'the partner',
  SUPPORT: 'support',
  PLATFORM: 'the platform',
};

/**
 * An event as `{title, phase, note}`. Only facts that concern no person leave the event's data: never names, addresses,
 * notes or free text.
 */
export function describeEvent({ type, data }) {
  const [title, phase] = EVENTS[type] ?? [type.replace(/^order\./, '').replaceAll('_', ' '), 'placed'];
  const notes = [];
  if (Number.isFinite(data.preparationMinutes)) notes.push(`ready in about ${data.preparationMinutes} min`);
  if (typeof data.stage === 'string' && /^[A-Z][A-Z_]{1,23}$/.test(data.stage))
    notes.push(data.stage.replaceAll('_', ' ').toLowerCase());
  const by = BY[data.by ?? data.ending?.by];
  if (by && phase === 'ended') notes.push(`by ${by}`);
  return { title, phase, note: notes.join(', ') };
}

/** The event types that a change between two states of an order stands for, as far as the map's messages show them. */
export function eventsBetween(before, after) {
  const byStatus = {
    ACCEPTED: 'order.accepted',
    IN_PREPARATION: 'order.preparation_started',
    READY_FOR_PICKUP: 'order.ready',
    OUT_FOR_DELIVERY: 'order.picked_up',
    DELIVERED: 'order.delivered',
    REJECTED: 'order.rejected',
    CANCELLED: 'order.cancelled',
    UNDELIVERABLE: 'order.delivery_failed',
    PAYMENT_FAILED: 'order.payment_failed',
  };
  const byDelivery = {
    SEARCHING: 'order.search_started',
    ASSIGNED: 'order.partner_assigned',
    AT_RESTAURANT: 'order.partner_at_restaurant',
    AT_CUSTOMER: 'order.partner_at_customer',
  };
  const types = [];
  if (before?.status !== after.status) types.push(byStatus[after.status]);
  if (before?.deliveryStatus !== after.deliveryStatus) types.push(byDelivery[after.deliveryStatus]);
  return types.filter((type) => type !== undefined);
}

export const OUTCOMES = {
  PENDING: 'asked',
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  EXPIRED: 'no answer',
  WITHDRAWN: 'withdrawn',
  REFUSED: 'refused',
};

export const REASONS = {
  BUSY: 'busy',
  ASKED_BEFORE: 'asked before',
  DECLINED_BEFORE: 'declined before',
  TOO_MANY_OFFERS: 'with too many offers',
  OUT_OF_RADIUS: 'too far away',
  SHIFT_ENDS: 'near the end of their shift',
  NOT_NEEDED: 'not needed',
};
