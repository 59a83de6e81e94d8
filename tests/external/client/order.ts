/// A day in small: a restaurant opens, a customer orders, a partner delivers. The client's types are made of the
/// description, so that this compiles only as long as the description says what the calls below need.
import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './api.js'

type Schemas = components['schemas']
type Api = Client<paths>

const kitchen = { latitude: 12.9721, longitude: 77.5933 }
const home = { line: '12 Lake Street', latitude: 12.9716, longitude: 77.5946 }
const password = 'correct horse battery'

/// What an answer holds, when it is none of the refusals.
function got<T> (answer: { data?: T, error?: unknown, response: Response }): T {
  if (!answer.response.ok) throw new Error(`${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`)
  return answer.data as T
}

/// The code of a refusal, which must be one of those described for the call.
function refused<C extends string> (answer: { error?: { code: C }, response: Response }): C {
  if (!answer.error) throw new Error(`${answer.response.url} was not refused`)
  return answer.error.code
}

async function eventually<T> (find: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let i = 0; i < 400; ++i) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`not in time: ${what}`)
}

function expect (holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function signedIn (url: string, token: string): Api {
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } })
}

export interface Person { api: Api, session: Schemas['Session'] }

async function join (url: string, role: 'CUSTOMER' | 'RESTAURANT' | 'PARTNER', email: string): Promise<Person> {
  const api = createClient<paths>({ baseUrl: url })
  got(await api.POST('/v1/auth/register', { body: { role, email, password, name: `A ${role.toLowerCase()}` } }))
  const first = got(await api.POST('/v1/auth/login', { body: { email, password } }))
  const session = got(await api.POST('/v1/auth/refresh', { body: { refreshToken: first.refreshToken } }))
  return { api: signedIn(url, session.accessToken), session }
}

export interface Shop { owner: Person, restaurant: Schemas['Restaurant'], dish: Schemas['MenuItem'], soldOut: Schemas['MenuItem'] }

async function openShop (url: string, admin: Api): Promise<Shop> {
  const owner = await join(url, 'RESTAURANT', 'owner@example.org')
  const made = got(await owner.api.POST('/v1/restaurants', {
    body: { name: 'Lakeside Kitchen', address: { line: '3 Lake Street', ...kitchen }, contact: { phone: '+91 80 5550 0101' }, licenseNumber: 'KA-1' }
  }))
  const params = { path: { restaurantId: made.restaurantId } }
  const approved = got(await admin.POST('/v1/admin/restaurants/{restaurantId}/verification', { params, body: { decision: 'APPROVE' } }))
  expect(approved.verification === 'ACTIVE', 'the restaurant is approved')
  const add = async (name: string, isAvailable: boolean): Promise<Schemas['MenuItem']> =>
    got(await owner.api.POST('/v1/restaurants/{restaurantId}/menu/items', { params, body: { name, type: 'VEG', price: 175.5, currency: 'INR', isAvailable } }))
  const dish = await add('Masala dosa', true)
  const soldOut = await add('Filter coffee', false)
  const restaurant = got(await owner.api.PATCH('/v1/restaurants/{restaurantId}/status', { params, body: { status: 'ONLINE' } }))
  return { owner, restaurant, dish, soldOut }
}

async function setOut (url: string, admin: Api): Promise<Person> {
  const partner = await join(url, 'PARTNER', 'partner@example.org')
  const early = await partner.api.PATCH('/v1/partners/me/availability', { body: { status: 'ONLINE', ...kitchen } })
  expect(refused(early) === 'partner-not-approved', 'nobody has approved the partner yet')
  const params = { path: { partnerId: partner.session.user.userId } }
  const approved = got(await admin.POST('/v1/admin/partners/{partnerId}/verification', { params, body: { decision: 'APPROVE' } }))
  expect(approved.approval === 'APPROVED', 'the partner is approved')
  const shift = got(await partner.api.PATCH('/v1/partners/me/availability', { body: { status: 'ONLINE', ...kitchen } }))
  expect(shift.status === 'ONLINE' && shift.activeDeliveries.length === 0, 'the partner is online')
  return partner
}

async function sayWhere (partner: Person): Promise<void> {
  const { now } = got(await partner.api.GET('/v1/clock'))
  const sent = got(await partner.api.POST('/v1/partners/me/locations', { body: { locations: [{ ...kitchen, speed: 4, at: now }] } }))
  expect(sent.accepted === 1, 'a position was taken')
}

async function order (customer: Person, shop: Shop): Promise<Schemas['Order']> {
  const { api } = customer
  const menu = await api.GET('/v1/restaurants/{restaurantId}/menu', { params: { path: { restaurantId: shop.restaurant.restaurantId } } })
  const dish = got(menu).items.find(item => item.isAvailable)
  if (!dish) throw new Error('there is nothing to eat')
  const saved = got(await api.POST('/v1/users/me/addresses', { body: { label: 'home', address: home } }))
  const header = { 'Idempotency-Key': 'dinner' }
  const body: Schemas['Checkout'] = {
    restaurantId: shop.restaurant.restaurantId, items: [{ itemId: dish.itemId, quantity: 2 }], address: saved.address, paymentMethod: 'COD', tip: 20
  }
  const placed = await api.POST('/v1/orders/checkout', { params: { header }, body })
  const again = await api.POST('/v1/orders/checkout', { params: { header }, body })
  expect(got(placed).orderId === got(again).orderId && again.response.headers.get('Idempotent-Replayed') === 'true', 'one order')
  expect(got(placed).total === 371, 'two dishes and a tip')
  expect(placed.response.headers.get('Location') === `/v1/orders/${got(placed).orderId}`, 'where the order is')
  return got(placed)
}

async function cook (shop: Shop, orderId: string): Promise<void> {
  const restaurantId = shop.restaurant.restaurantId
  const params = { path: { restaurantId, orderId } }
  const { api } = shop.owner
  const waiting = got(await api.GET('/v1/restaurants/{restaurantId}/orders', {
    params: { path: { restaurantId }, query: { status: 'PENDING_RESTAURANT_ACCEPTANCE', limit: 10 } }
  }))
  expect(waiting.items.length === 1 && waiting.items[0]?.deliveryPin === undefined, 'the restaurant sees the order, without the PIN')
  got(await api.POST('/v1/restaurants/{restaurantId}/orders/{orderId}/accept', { params, body: { preparationMinutes: 1 } }))
  got(await api.POST('/v1/restaurants/{restaurantId}/orders/{orderId}/start', { params, body: { stage: 'PREP' } }))
  got(await api.POST('/v1/restaurants/{restaurantId}/orders/{orderId}/ready', { params }))
}

async function deliver (partner: Person, customer: Person, placed: Schemas['Order']): Promise<void> {
  const { api } = partner
  const params = { path: { orderId: placed.orderId } }
  const offer = await eventually(async () => {
    await sayWhere(partner)
    return got(await api.GET('/v1/partners/me/offers')).items[0]
  }, 'an offer')
  expect(offer.orders[0]?.orderId === placed.orderId, 'the order is offered')
  const award = got(await api.POST('/v1/offers/{offerId}/accept', { params: { path: { offerId: offer.offerId } } }))
  expect(award.deliveries[0]?.status === 'ASSIGNED', 'the partner has it')
  expect(got(await api.GET('/v1/partners/me/deliveries')).items.length === 1, 'it is under way')
  got(await api.POST('/v1/deliveries/{orderId}/arrived', { params }))
  got(await api.POST('/v1/deliveries/{orderId}/picked-up', { params }))
  await sayWhere(partner)
  const where = got(await customer.api.GET('/v1/orders/{orderId}/location', { params }))
  expect(where.partnerId === partner.session.user.userId, 'the customer sees the partner')
  got(await api.POST('/v1/deliveries/{orderId}/arrived', { params }))
  const wrong = await api.POST('/v1/deliveries/{orderId}/delivered', { params, body: { pin: 'wrong' } })
  expect(refused(wrong) === 'wrong-pin', 'a wrong PIN is refused')
  const pin = placed.deliveryPin ?? ''
  expect(got(await api.POST('/v1/deliveries/{orderId}/delivered', { params, body: { pin } })).status === 'DELIVERED', 'it is delivered')
}

async function lookBack (customer: Person, admin: Api, orderId: string): Promise<string[]> {
  const { api } = customer
  const params = { path: { orderId } }
  const read = await api.GET('/v1/orders/{orderId}', { params })
  const etag = read.response.headers.get('ETag') ?? ''
  const same = await api.GET('/v1/orders/{orderId}', { params: { ...params, header: { 'If-None-Match': etag } } })
  expect(same.response.status === 304, 'the order has not changed')
  expect(got(await api.GET('/v1/orders/{orderId}/status', { params })).status === 'DELIVERED', 'it says so')
  expect(got(await api.GET('/v1/users/me/orders', { params: { query: { status: 'DELIVERED' } } })).items.length === 1, 'it is in the history')
  expect(got(await api.POST('/v1/users/me/exports', { body: {} })).orders.length === 1, 'it is in the export')
  expect(got(await admin.GET('/v1/admin/searches/{orderId}', { params })).state === 'TAKEN', 'operators see why')
  expect(got(await admin.GET('/v1/zones')).items.length > 0, 'there is a zone')
  expect(got(await admin.GET('/v1/admin/cluster')).nodes.length === 1, 'there is a node')
  expect(got(await admin.GET('/v1/admin/users', { params: { query: { role: 'CUSTOMER' } } })).items.length === 1, 'there is a customer')
  const history = got(await api.GET('/v1/orders/{orderId}/events', { params }))
  if (typeof history === 'string') throw new Error('a stream was not asked for')
  return history.items.map(event => event.type)
}

export interface Town { shop: Shop, partner: Person, customer: Person, order: Schemas['Order'], events: string[] }

/// Everything is asked for at `url`; `adminToken` is an administrator's.
export async function liveThroughAnOrder (url: string, adminToken: string): Promise<Town> {
  const admin = signedIn(url, adminToken)
  const shop = await openShop(url, admin)
  const partner = await setOut(url, admin)
  const customer = await join(url, 'CUSTOMER', 'asha@example.org')
  const placed = await order(customer, shop)
  const early = await customer.api.GET('/v1/orders/{orderId}/location', { params: { path: { orderId: placed.orderId } } })
  expect(refused(early) === 'no-location', 'nobody carries it yet')
  await cook(shop, placed.orderId)
  await deliver(partner, customer, placed)
  const events = await lookBack(customer, admin, placed.orderId)
  return { shop, partner, customer, order: placed, events }
}

/// The end of the day.
export async function goHome ({ partner, customer }: Town): Promise<void> {
  got(await partner.api.PATCH('/v1/partners/me/availability', { body: { status: 'OFFLINE' } }))
  const changed = got(await customer.api.PATCH('/v1/users/me', { body: { phone: '+91 80 5550 0100' } }))
  expect(changed.version === 2, 'the profile has changed')
  got(await customer.api.POST('/v1/auth/logout', { body: { refreshToken: customer.session.refreshToken } }))
  const gone = await customer.api.DELETE('/v1/users/me', { body: { currentPassword: password } })
  expect(gone.response.status === 204, 'the account is gone')
}
