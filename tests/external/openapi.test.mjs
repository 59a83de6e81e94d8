/// A client made of the description, compiled and used; and `prism` between clients and the node, which compares both
/// sides with the description.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { DabbaNode } from './node.mjs'
import { Prism } from './prism.mjs'

const someId = '01932b5e-7a10-7c44-9d3e-5b1f0c2a9e01'

let node, judge, observer, adminToken, town
before(async () => {
  node = await DabbaNode.start(['--clock-scale', '10', '--trust-unknown-callers'])
  adminToken = node.dabba('token', '--signing-key', node.signingKey, '--role', 'ADMIN').trim();
  [judge, observer] = await Promise.all([Prism.start(node, { errors: true }), Prism.start(node, { errors: false })])
})
after(async () => {
  await judge?.stop()
  await observer?.stop()
  await node?.stop()
})

const description = JSON.parse(readFileSync(process.env.DABBA_OPENAPI, 'utf8'))

test('what the guide names is described, and codes with the same status', () => {
  const guide = readFileSync(process.env.DABBA_GUIDE, 'utf8')
  const unnamed = path => path.replace(/{\w+}/g, '{}')
  const routes = new Set(Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${unnamed(path)}`)))
  const named = [...guide.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`? ]*)/g)].map(found => unnamed(found[1]))
  assert.ok(named.length > 30)
  assert.deepEqual(named.filter(route => !routes.has(route)), [])
  const statuses = new Map([...description.components.schemas.Problem.description.matchAll(/\| (\d+) \| `([a-z-]+)`/g)]
    .map(found => [found[2], found[1]]))
  for (const [, status, code] of guide.matchAll(/\b([45]\d\d)\s`([a-z-]+)`/g)) assert.equal(statuses.get(code), status, code)
})

function run (program, ...args) {
  try {
    return execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  } catch (failed) {
    throw new Error(`${program} ${args.join(' ')}\n${failed.stdout}${failed.stderr}`)
  }
}

test('the node serves the description that is checked here', async () => {
  const answer = await fetch(`${node.url}/openapi.json`)
  assert.equal(await answer.text(), readFileSync(process.env.DABBA_OPENAPI, 'utf8'))
})

test('a client made of the description compiles, and lives through an order without a violation', async () => {
  run('node_modules/openapi-typescript/bin/cli.js', process.env.DABBA_OPENAPI, '--output', 'client/api.d.ts')
  run('node_modules/typescript/bin/tsc', '--project', 'client')
  const { liveThroughAnOrder } = await import('./client/built/order.js')
  town = await liveThroughAnOrder(judge.url, adminToken)
  assert.deepEqual([town.events.at(0), town.events.at(-1)], ['order.placed', 'order.delivered'])
})

/// Asks as a client without manners does. `violates`: prism is to find the request wrong, too.
async function ask (method, path, { token, headers = {}, body, status, code, violates = false }) {
  const sent = { method, headers: { ...headers } }
  if (token) sent.headers.Authorization = `Bearer ${token}`
  if (body !== undefined) {
    sent.headers['Content-Type'] ??= 'application/json'
    sent.body = typeof body === 'string' ? body : JSON.stringify(body)
  }
  const answer = await fetch(observer.url + path, sent)
  const text = await answer.text()
  const found = JSON.parse(answer.headers.get('sl-violations') ?? '[]')
  const what = `${method} ${path}: ${answer.status} ${text}\n${JSON.stringify(found, null, 1)}`
  assert.equal(answer.status, status, what)
  if (code) assert.equal(JSON.parse(text).code, code, what)
  assert.deepEqual(found.filter(each => each.location[0] !== 'request'), [], what)
  assert.equal(found.length > 0, violates, what)
}

test('refusals are as they are described', async () => {
  const customer = town.customer.session.accessToken
  const owner = town.shop.owner.session.accessToken
  const { restaurantId } = town.shop.restaurant
  const order = `/v1/orders/${town.order.orderId}`
  const key = name => ({ 'Idempotency-Key': name })
  const basket = {
    restaurantId, items: [{ itemId: town.shop.dish.itemId, quantity: 1 }], address: { line: 'x', latitude: 12.97, longitude: 77.59 }, paymentMethod: 'COD'
  }
  const checkOut = more => ask('POST', '/v1/orders/checkout', { token: customer, headers: key('other'), body: basket, ...more })

  // 400
  await checkOut({ body: { ...basket, items: [{ itemId: someId, quantity: 0 }] }, status: 400, code: 'invalid-argument', violates: true })
  await checkOut({ body: { ...basket, address: undefined }, status: 400, code: 'invalid-argument', violates: true })
  await checkOut({ headers: {}, status: 400, code: 'idempotency-key-missing', violates: true })
  await checkOut({ headers: { ...key('x'), 'If-Match': 'none of ours' }, status: 400, code: 'invalid-argument' })
  await ask('GET', '/v1/users/me/orders?limit=0', { token: customer, status: 400, code: 'invalid-argument', violates: true })
  await ask('GET', '/v1/users/me/orders?cursor=made-up', { token: customer, status: 400, code: 'invalid-argument' })
  // 401
  await ask('GET', '/v1/users/me', { status: 401, code: 'unauthenticated', violates: true })
  await ask('GET', '/v1/users/me', { token: 'a.b.c', status: 401, code: 'unauthenticated' })
  await ask('POST', '/v1/auth/refresh', { body: { refreshToken: 'none' }, status: 401, code: 'unauthenticated' })
  for (let i = 0; i < 10; ++i)
    await ask('POST', '/v1/auth/login', { body: { email: 'no@example.org', password: 'wrong password' }, status: 401, code: 'wrong-credentials' })
  // 403
  await ask('GET', '/v1/admin/users', { token: customer, status: 403, code: 'forbidden' })
  await ask('POST', '/v1/auth/register', { body: { role: 'ADMIN', email: 'a@example.org', password: 'long enough', name: 'A' }, status: 403, code: 'forbidden' })
  // 404
  await ask('GET', `/v1/orders/${someId}`, { token: customer, status: 404, code: 'order-not-found' })
  await ask('GET', order, { token: node.dabba('token', '--signing-key', node.signingKey, '--role', 'CUSTOMER').trim(), status: 404, code: 'order-not-found' })
  await ask('GET', `/v1/restaurants/${someId}/menu`, { token: customer, status: 404, code: 'restaurant-not-found' })
  await checkOut({ body: { ...basket, items: [{ itemId: someId, quantity: 1 }] }, status: 404, code: 'item-not-found' })
  await ask('GET', `/v1/admin/searches/${someId}`, { token: adminToken, status: 404, code: 'search-not-found' })
  await ask('DELETE', `/v1/users/me/addresses/${someId}`, { token: customer, status: 404, code: 'not-found' })
  // 409
  await ask('POST', `${order}/cancel`, { token: customer, status: 409, code: 'illegal-transition' })
  await ask('POST', '/v1/auth/register', { body: { role: 'CUSTOMER', email: 'asha@example.org', password: 'long enough', name: 'A' }, status: 409, code: 'email-taken' })
  await ask('POST', `/v1/offers/${someId}/accept`, { token: town.partner.session.accessToken, status: 409, code: 'offer-no-longer-available' })
  await ask('POST', `/v1/restaurants/${restaurantId}/menu/items`, { token: owner, body: { name: 'x', type: 'VEG', price: 1, currency: 'EUR' }, status: 409, code: 'currency-mismatch' })
  const { nodes } = (await node.get('/v1/admin/cluster', adminToken)).body
  await ask('POST', `/v1/admin/cluster/nodes/${nodes[0].nodeId}/drain`, { token: adminToken, status: 409, code: 'last-node' })
  // 410
  await checkOut({ body: { ...basket, items: [{ itemId: town.shop.soldOut.itemId, quantity: 1 }] }, status: 410, code: 'item-unavailable' })
  // 412
  await ask('POST', `${order}/cancel`, { token: customer, headers: { 'If-Match': '"1"' }, status: 412, code: 'stale-version' })
  // 413, 415
  await checkOut({ body: JSON.stringify({ ...basket, note: 'x'.repeat(300_000) }), status: 413, code: 'body-too-large', violates: true })
  await checkOut({ headers: { ...key('x'), 'Content-Type': 'text/plain' }, status: 415, code: 'unsupported-media-type', violates: true })
  // 422
  await checkOut({ headers: key('dinner'), status: 422, code: 'idempotency-key-reused' })
  await checkOut({ body: { ...basket, paymentMethod: 'CARD' }, status: 422, code: 'payment-method-unavailable' })
  await ask('PATCH', '/v1/users/me', { token: customer, body: { email: 'b@example.org', currentPassword: 'wrong password' }, status: 422, code: 'wrong-password' })
  // 429
  await ask('POST', '/v1/auth/login', { body: { email: 'no@example.org', password: 'wrong password' }, status: 429, code: 'too-many-attempts' })
})

test('what a node says of itself is as it is described', async () => {
  for (const path of ['/v1/clock', '/livez', '/readyz', '/metrics', '/openapi.json', '/.well-known/jwks.json'])
    await ask('GET', path, { status: 200 })
  await ask('GET', '/docs', { status: 404, code: 'not-found' })
})

test('the day ends without a violation', async () => {
  const { goHome } = await import('./client/built/order.js')
  await goHome(town)
})
