// The moving part of the map: routes, restaurants, customers' doors and partners. Marks of one look share one path, so
// that a frame costs a few dozen canvas calls whatever the size of the city.

const FAINT = 0.2; // what is not part of the selection, while there is one

const ROUTES = {
  placed: { alpha: 0.35, width: 1, dash: [2, 4] },
  preparing: { alpha: 0.42, width: 0.9, dash: [] },
  searching: { alpha: 0.85, width: 1.5, dash: [5, 4] },
  delivering: { alpha: 0.85, width: 1.5, dash: [] },
};

/** How large marks are at this zoom, 1 for a city that fills a desktop window. */
export const markSize = (scale) => Math.min(1.7, Math.max(0.62, (scale / 0.055) ** 0.4));

/** Runs `draw(path)` for each group of `items` by `keyOf`; `paint(path, key)` puts it on the canvas. */
function grouped(items, keyOf, draw, paint) {
  const paths = new Map();
  for (const item of items) {
    const key = keyOf(item);
    let path = paths.get(key);
    if (!path) paths.set(key, (path = new Path2D()));
    draw(path, item);
  }
  for (const [key, path] of paths) paint(path, key);
}

const square = (path, x, y, half) => path.roundRect(x - half, y - half, 2 * half, 2 * half, half * 0.45);

function disc(path, x, y, radius) {
  path.moveTo(x + radius, y);
  path.arc(x, y, radius, 0, 2 * Math.PI);
}

function diamond(path, x, y, radius) {
  path.moveTo(x, y - radius);
  path.lineTo(x + radius, y);
  path.lineTo(x, y + radius);
  path.lineTo(x - radius, y);
  path.closePath();
}

/** Where the route of an order starts on the screen: at its partner once picked up, otherwise at its restaurant. */
export function routeStart(order, city) {
  const partner = order.phase === 'delivering' ? city.partners.get(order.partnerId) : null;
  if (partner) return { x: partner.sx, y: partner.sy };
  const restaurant = city.restaurants.get(order.restaurantId);
  return restaurant ? { x: restaurant.sx, y: restaurant.sy } : null;
}

export class Marks {
  constructor(context, city) {
    this.context = context;
    this.city = city;
  }

  /**
   * Paints everything; `focus` is null or what belongs to the selection: {orders, restaurants, partners}
   * sets of ids, and as `extra` an order that has ended.
   */
  paint({ palette, size, focus, trails }) {
    const { city } = this;
    const split = (items, kind) => {
      if (!focus) return [[items, 1]];
      const inside = items.filter((item) => focus[kind].has(item.id));
      return [
        [items.filter((item) => !focus[kind].has(item.id)), FAINT],
        [inside, 1],
      ];
    };
    const orders = [...city.orders.values()].filter((order) => order.door);
    if (focus?.extra?.door) orders.push(focus.extra);
    const restaurants = [...city.restaurants.values()];
    const partners = [...city.partners.values()];
    for (const [items, alpha] of split(orders, 'orders'))
      this.#routes(items, palette, alpha, focus !== null && alpha === 1);
    for (const [items, alpha] of split(restaurants, 'restaurants')) this.#restaurants(items, palette, size, alpha);
    for (const [items, alpha] of split(orders, 'orders')) this.#doors(items, palette, size, alpha);
    for (const [items, alpha] of split(partners, 'partners')) this.#partners(items, palette, size, alpha, trails);
    this.context.globalAlpha = 1;
  }

  #routes(orders, palette, alpha, strong) {
    const { context, city } = this;
    const line = (path, order) => {
      const start = routeStart(order, city);
      if (!start) return;
      path.moveTo(start.x, start.y);
      path.lineTo(order.door.sx, order.door.sy);
    };
    grouped(
      orders,
      (order) => order.phase,
      line,
      (path, phase) => {
        const look = ROUTES[phase] ?? ROUTES.preparing;
        context.globalAlpha = strong ? 1 : look.alpha * alpha;
        context.strokeStyle = palette[phase];
        context.lineWidth = look.width + (strong ? 1 : 0);
        context.setLineDash(look.dash);
        context.stroke(path);
      },
    );
    context.setLineDash([]);
  }

  #restaurants(restaurants, palette, size, alpha) {
    const { context } = this;
    const look = ({ open, status }) => (open.size > 0 ? 'busy' : status === 'ONLINE' ? 'calm' : 'shut');
    const half = (restaurant) =>
      size * (restaurant.open.size > 0 ? 4 + Math.min(3.5, 1.1 * Math.sqrt(restaurant.open.size)) : 2.6);
    const draw = (path, restaurant) => square(path, restaurant.sx, restaurant.sy, half(restaurant));
    grouped(restaurants, look, draw, (path, kind) => {
      context.globalAlpha = alpha * (kind === 'shut' ? 0.55 : 1);
      context.fillStyle = kind === 'busy' ? palette.kitchen : palette.ground;
      context.strokeStyle = kind === 'busy' ? palette.ground : palette.kitchen;
      context.lineWidth = kind === 'busy' ? 1.5 * Math.min(1, size) : 1;
      context.fill(path);
      context.stroke(path);
    });
  }

  #doors(orders, palette, size, alpha) {
    const { context } = this;
    const draw = (path, { door }) => diamond(path, door.sx, door.sy, 3 * size);
    grouped(
      orders,
      (order) => order.phase,
      draw,
      (path, phase) => {
        context.globalAlpha = alpha;
        context.fillStyle = palette.ground;
        context.strokeStyle = palette[phase];
        context.lineWidth = 1.25;
        context.fill(path);
        context.stroke(path);
      },
    );
  }

  #partners(partners, palette, size, alpha, trails) {
    const { context } = this;
    const colours = {
      TO_RESTAURANT: palette.preparing,
      AT_RESTAURANT: palette.waiting,
      TO_CUSTOMER: palette.delivering,
    };
    if (trails)
      this.#trails(
        partners.filter((partner) => partner.moving && partner.state !== 'AT_RESTAURANT'),
        colours,
        palette,
        size,
        alpha,
      );
    const draw = (path, partner) => disc(path, partner.sx, partner.sy, size * (partner.state === 'IDLE' ? 2.8 : 4.1));
    grouped(
      partners,
      (partner) => partner.state,
      draw,
      (path, state) => {
        context.globalAlpha = alpha;
        context.fillStyle = colours[state] ?? palette.idle;
        context.strokeStyle = palette.ground;
        context.lineWidth = 1.5 * Math.min(1, size);
        context.stroke(path);
        context.fill(path);
      },
    );
  }

  #trails(partners, colours, palette, size, alpha) {
    const { context } = this;
    const draw = (path, { trail, sx, sy }) => {
      path.moveTo(trail[0], trail[1]);
      for (let i = 2; i < trail.length; i += 2) path.lineTo(trail[i], trail[i + 1]);
      path.lineTo(sx, sy);
    };
    grouped(
      partners.filter(({ trail }) => trail.length > 0),
      (partner) => partner.state,
      draw,
      (path, state) => {
        context.globalAlpha = 0.28 * alpha;
        context.strokeStyle = colours[state] ?? palette.idle;
        context.lineWidth = 2.6 * size;
        context.lineCap = 'round';
        context.lineJoin = 'round';
        context.stroke(path);
      },
    );
    context.lineCap = 'butt';
  }

  /** A ring around a mark: the selection or what the pointer is over. */
  ring(x, y, radius, colour, width = 2) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  /** A ring that spreads and fades; `share` of its life has passed. */
  ripple(x, y, share, colour, size, faint) {
    this.context.globalAlpha = 0.75 * (1 - share) * (faint ? FAINT : 1);
    this.ring(x, y, size * (4 + 20 * (1 - (1 - share) ** 2)), colour, 2);
    this.context.globalAlpha = 1;
  }
}
