// Numbers, times and ids as people read them. Times are platform time in UTC.

const WHOLE = new Intl.NumberFormat('en');
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
const SECONDS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' });

export const UNKNOWN = '–';

export const whole = (value) => (Number.isFinite(value) ? WHOLE.format(value) : UNKNOWN);
export const clock = (ms) => (Number.isFinite(ms) ? CLOCK.format(ms) : '--:--');
export const clockSeconds = (ms) => (Number.isFinite(ms) ? SECONDS.format(ms) : '--:--');
export const day = (ms) => (Number.isFinite(ms) ? DAY.format(ms) : '');
export const minutes = (seconds) => (Number.isFinite(seconds) ? String(Math.round(seconds / 60)) : UNKNOWN);

/** A span of time: "40 s", "12 min", "2 h 5 min". */
export function span(ms) {
  if (!Number.isFinite(ms)) return UNKNOWN;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const total = Math.round(seconds / 60);
  if (total < 60) return `${total} min`;
  return `${Math.floor(total / 60)} h ${total % 60} min`;
}

/** A place, to about ten kilometres: "12.9° N 77.6° E". */
export function position({ latitude, longitude }) {
  const north = `${Math.abs(latitude).toFixed(1)}° ${latitude < 0 ? 'S' : 'N'}`;
  return `${north} ${Math.abs(longitude).toFixed(1)}° ${longitude < 0 ? 'W' : 'E'}`;
}

export const distance = (metres) =>
  !Number.isFinite(metres)
    ? UNKNOWN
    : metres < 950
      ? `${Math.round(metres / 10) * 10} m`
      : `${(metres / 1000).toFixed(1)} km`;

/** The end of an id: the beginning of a version 7 UUID is only the time it was made at. */
export const shortId = (id) => String(id).slice(-6);

export const scale = (value) => `${Number.isInteger(value) ? value : value.toFixed(1)}×`;

export const plural = (count, one, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;
