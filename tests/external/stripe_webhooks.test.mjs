/// Webhooks between the sandbox, Stripe's own library and our verifier.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { after, afterEach, before, test } from 'node:test'
import Stripe from 'stripe'
import { eventually, Sandbox } from './sandbox.mjs'

let sandbox, stripe, listener, endpoint, checker
let received = []
let status = 200

before(async () => {
  sandbox = await Sandbox.start(['--quiet'])
  stripe = sandbox.client()
  listener = createServer((request, answer) => {
    const parts = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      received.push({ header: request.headers['stripe-signature'], body: Buffer.concat(parts) })
      answer.writeHead(status).end()
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${listener.address().port}/hook`, enabled_events: ['*'] })
  checker = spawn(process.env.DABBA_WEBHOOK_CHECK, { stdio: ['pipe', 'pipe', 'inherit'] })
  checker.lines = createInterface({ input: checker.stdout })[Symbol.asyncIterator]()
})
afterEach(async () => {
  received = []
  status = 200
  await sandbox.own('DELETE', 'faults')
})
after(async () => {
  checker?.stdin.end()
  listener?.closeAllConnections()
  listener?.close()
  await sandbox?.stop()
})

const pay = () => stripe.paymentIntents.create({
  amount: 45_050, currency: 'inr', payment_method: 'pm_card_visa', confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' }
})
const open = (hook, secret = endpoint.secret) => stripe.webhooks.constructEvent(hook.body, hook.header, secret)

test('Stripe\'s library takes every webhook of the sandbox', async () => {
  const paid = await pay()
  await eventually(() => received.length === 3, 5000, 'three webhooks')
  const events = received.map(x => open(x))
  assert.deepEqual(events.map(x => x.type).sort(), ['charge.succeeded', 'payment_intent.created', 'payment_intent.succeeded'])
  const told = events.find(x => x.type === 'payment_intent.succeeded')
  assert.deepEqual(told.data.object, paid)
  assert.equal((await stripe.events.retrieve(told.id)).pending_webhooks, 0)
})

test('Stripe\'s library refuses what was signed with a wrong secret or changed on the way', async () => {
  await sandbox.own('POST', 'faults', { webhook_wrong_secret_rate: 1 })
  await pay()
  await eventually(() => received.length === 3, 5000, 'three webhooks')
  for (const hook of received) assert.throws(() => open(hook), Stripe.errors.StripeSignatureVerificationError)
  received = []
  await sandbox.own('DELETE', 'faults')
  await pay()
  await eventually(() => received.length === 3, 5000, 'three webhooks')
  const [hook] = received
  assert.throws(() => open({ ...hook, body: Buffer.from(hook.body.toString().replace('45050', '1')) }), Stripe.errors.StripeSignatureVerificationError)
})

test('what is refused comes again, with the same event and a new signature', async () => {
  status = 500
  await pay()
  await eventually(() => received.length === 3, 5000, 'three webhooks')
  const first = received.map(x => open(x).id).sort()
  received = []
  status = 200
  await eventually(() => received.length === 3, 5000, 'them again')
  assert.deepEqual(received.map(x => open(x).id).sort(), first)
})

test('while the secret is rolled both open, and afterwards the new one', async () => {
  const { secret } = await sandbox.own('POST', `webhook_endpoints/${endpoint.id}/roll?keep_seconds=60`, {})
  await pay()
  await eventually(() => received.length === 3, 5000, 'three webhooks')
  for (const hook of received) {
    open(hook)
    open(hook, secret)
  }
  endpoint.secret = secret
})

test('endpoints are listed without their secrets, and deleted', async () => {
  const other = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/none', enabled_events: ['charge.refunded'] })
  const { data } = await stripe.webhookEndpoints.list()
  assert.deepEqual(data.map(x => x.id), [other.id, endpoint.id])
  assert.equal(data[0].secret, undefined)
  assert.equal((await stripe.webhookEndpoints.del(other.id)).deleted, true)
})

/// What our verifier says.
async function ours (header, body, secrets) {
  checker.stdin.write(JSON.stringify({ header, body, secrets }) + '\n')
  return (await checker.lines.next()).value
}

const payload = JSON.stringify({ id: 'evt_1', object: 'event', note: 'naïve ₹ "quoted"\n' }, null, 2)
const secret = 'whsec_of_the_test'
const signed = (more = {}) => stripe.webhooks.generateTestHeaderString({ payload, secret, ...more })
const secondsAgo = seconds => Math.floor(Date.now() / 1000) - seconds

test('what Stripe\'s library signs opens our verifier', async () => {
  assert.equal(await ours(signed(), payload, [secret]), 'genuine')
  assert.equal(await ours(signed(), payload, ['whsec_new', secret]), 'genuine')
  assert.equal(await ours(signed({ timestamp: secondsAgo(290) }), payload, [secret]), 'genuine')
})

test('a changed body, an old time, a wrong secret or another scheme does not', async () => {
  assert.equal(await ours(signed(), payload + ' ', [secret]), 'no-match')
  assert.equal(await ours(signed(), payload.replace('evt_1', 'evt_2'), [secret]), 'no-match')
  assert.equal(await ours(signed({ timestamp: secondsAgo(310) }), payload, [secret]), 'out-of-time')
  assert.equal(await ours(signed({ timestamp: secondsAgo(-310) }), payload, [secret]), 'out-of-time')
  assert.equal(await ours(signed({ secret: 'whsec_other' }), payload, [secret]), 'no-match')
  assert.equal(await ours(signed({ scheme: 'v0' }), payload, [secret]), 'no-signature')
  assert.equal(await ours(signed().replace(/t=\d+/, `t=${secondsAgo(0) + 1}`), payload, [secret]), 'no-match')
  assert.equal(await ours('', payload, [secret]), 'malformed')
})
