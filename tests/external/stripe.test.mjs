/// Stripe's own client at the sandbox gateway: what it sends is understood, and what it reads is what it expects.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import Stripe from 'stripe'
import { publishableKey, Sandbox } from './sandbox.mjs'

let sandbox, stripe
before(async () => {
  sandbox = await Sandbox.start(['--settle-ms', '200', '--quiet'])
  stripe = sandbox.client()
})
afterEach(() => sandbox.own('DELETE', 'faults'))
after(() => sandbox?.stop())

const noRedirects = { enabled: true, allow_redirects: 'never' }
const order = { amount: 45_050, currency: 'inr', automatic_payment_methods: noRedirects }

const create = (more = {}, options) => stripe.paymentIntents.create({ ...order, ...more }, options)
const pay = (more = {}) => create({ payment_method: 'pm_card_visa', confirm: true, ...more })

async function refused (promise, type, code) {
  const why = await promise.then(() => assert.fail('it was not refused'), error => error)
  assert.ok(why instanceof type, `${why.constructor.name}: ${why.message}`)
  if (code) assert.equal(why.code, code)
  return why
}

test('a payment is created, confirmed and retrieved', async () => {
  const made = await create({ metadata: { order: '7', note: 'extra & spicy = ₹' } })
  assert.equal(made.object, 'payment_intent')
  assert.equal(made.status, 'requires_payment_method')
  assert.deepEqual(made.metadata, { order: '7', note: 'extra & spicy = ₹' })
  assert.deepEqual(made.automatic_payment_methods, { enabled: true, allow_redirects: 'never' })
  const paid = await stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_in' })
  assert.equal(paid.status, 'succeeded')
  assert.equal(paid.amount_received, 45_050)
  const seen = await stripe.paymentIntents.retrieve(made.id, { expand: ['latest_charge'] })
  assert.equal(seen.latest_charge.amount_captured, 45_050)
  assert.equal(seen.latest_charge.payment_method_details.card.country, 'IN')
  assert.equal((await stripe.charges.retrieve(paid.latest_charge)).payment_intent, made.id)
  assert.equal(seen.lastResponse.requestId.slice(0, 4), 'req_')
})

test('a customer\'s app pays with the publishable key and the client secret, and can do nothing else', async () => {
  const app = sandbox.client(publishableKey)
  const { id, client_secret: secret } = await create({ metadata: { order: '7' } })
  const shown = await app.paymentIntents.retrieve(id, { client_secret: secret })
  assert.equal(shown.status, 'requires_payment_method')
  assert.equal(shown.metadata, undefined)
  await refused(app.paymentIntents.retrieve(id), Stripe.errors.StripeInvalidRequestError, 'parameter_missing')
  await refused(app.paymentIntents.retrieve(id, { client_secret: id + '_secret_x' }), Stripe.errors.StripeInvalidRequestError)
  await refused(app.paymentIntents.create(order), Stripe.errors.StripePermissionError)
  await refused(app.refunds.create({ payment_intent: id }), Stripe.errors.StripePermissionError)
  const paid = await app.paymentIntents.confirm(id, { client_secret: secret, payment_method: 'pm_card_visa' })
  assert.equal(paid.status, 'succeeded')
})

test('declines are card errors with the bank\'s code, and the payment can be tried again', async () => {
  for (const [method, code, decline] of [
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', '']]) {
    const { id } = await create()
    const why = await refused(stripe.paymentIntents.confirm(id, { payment_method: method }), Stripe.errors.StripeCardError, code)
    assert.equal(why.decline_code, decline)
    assert.equal(why.payment_intent.status, 'requires_payment_method')
    assert.equal(why.payment_intent.last_payment_error.code, code)
    assert.equal((await stripe.charges.retrieve(why.charge)).failure_code, code)
    assert.equal((await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })).status, 'succeeded')
  }
})

test('a bank may want to see the customer first, and a debit takes its time', async () => {
  const asked = await pay({ payment_method: 'pm_card_threeDSecure2Required' })
  assert.equal(asked.status, 'requires_action')
  assert.equal(asked.next_action.type, 'redirect_to_url')
  await fetch(asked.next_action.redirect_to_url.url)
  assert.equal((await stripe.paymentIntents.retrieve(asked.id)).status, 'succeeded')
  const failed = await pay({ payment_method: 'pm_card_authenticationRequired' })
  await fetch(failed.next_action.redirect_to_url.url + '?outcome=fail')
  const after = await stripe.paymentIntents.retrieve(failed.id)
  assert.equal(after.status, 'requires_payment_method')
  assert.equal(after.last_payment_error.code, 'payment_intent_authentication_failure')
  const debit = await pay({ payment_method: 'pm_usBankAccount_success' })
  assert.equal(debit.status, 'processing')
  const deadline = Date.now() + 5000
  while ((await stripe.paymentIntents.retrieve(debit.id)).status !== 'succeeded') assert.ok(Date.now() < deadline)
})

test('money is held, captured in part, or let go', async () => {
  const held = await pay({ capture_method: 'manual' })
  assert.equal(held.status, 'requires_capture')
  assert.equal(held.amount_capturable, 45_050)
  await refused(stripe.paymentIntents.capture(held.id, { amount_to_capture: 45_051 }), Stripe.errors.StripeInvalidRequestError, 'amount_too_large')
  const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 40_000 })
  assert.equal(captured.status, 'succeeded')
  assert.equal(captured.amount_received, 40_000)
  const other = await pay({ capture_method: 'manual' })
  assert.equal((await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' })).status, 'canceled')
  const why = await refused(stripe.paymentIntents.capture(other.id), Stripe.errors.StripeInvalidRequestError, 'payment_intent_unexpected_state')
  assert.equal(why.payment_intent.id, other.id)
})

test('refunds are partial, and never more than was captured', async () => {
  const paid = await pay()
  const part = await stripe.refunds.create({ payment_intent: paid.id, amount: 5_000, reason: 'requested_by_customer', metadata: { why: 'cold' } })
  assert.equal(part.status, 'succeeded')
  assert.equal(part.charge, paid.latest_charge)
  const why = await refused(stripe.refunds.create({ payment_intent: paid.id, amount: 40_051 }), Stripe.errors.StripeInvalidRequestError)
  assert.equal(why.message, 'Refund amount (₹400.51) is greater than unrefunded amount on charge (₹400.50)')
  assert.equal(why.param, 'amount')
  const rest = await stripe.refunds.create({ charge: paid.latest_charge })
  assert.equal(rest.amount, 40_050)
  await refused(stripe.refunds.create({ payment_intent: paid.id }), Stripe.errors.StripeInvalidRequestError, 'charge_already_refunded')
  assert.equal((await stripe.refunds.retrieve(part.id)).metadata.why, 'cold')
  const all = await stripe.refunds.list({ payment_intent: paid.id })
  assert.deepEqual(all.data.map(x => x.id), [rest.id, part.id])
  assert.equal((await stripe.charges.retrieve(paid.latest_charge)).refunded, true)
})

test('a key repeats its first answer, and no other request', async () => {
  const key = { idempotencyKey: 'order-7' }
  const first = await create({ description: 'one' }, key)
  const again = await create({ description: 'one' }, key)
  assert.equal(again.id, first.id)
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
  assert.equal(again.lastResponse.headers['original-request'], first.lastResponse.requestId)
  assert.equal(first.lastResponse.headers['idempotent-replayed'], undefined)
  const why = await refused(create({ description: 'two' }, key), Stripe.errors.StripeIdempotencyError)
  assert.match(why.message, /can only be used with the same parameters/)
  await refused(stripe.refunds.create({ payment_intent: first.id }, key), Stripe.errors.StripeIdempotencyError)
})

test('a decline is kept for its key, a refusal is not', async () => {
  const { id } = await create()
  const key = { idempotencyKey: 'decline-1' }
  for (let i = 0; i < 2; ++i) {
    await refused(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa_chargeDeclined' }, key), Stripe.errors.StripeCardError)
  }
  assert.equal((await stripe.charges.list({ payment_intent: id })).data.length, 1)
  const other = { idempotencyKey: 'refusal-1' }
  await refused(create({ amount: 1 }, other), Stripe.errors.StripeInvalidRequestError, 'amount_too_small')
  assert.equal((await create({}, other)).status, 'requires_payment_method')
})

test('the same key at the same time is refused, and the client\'s own retries see it through', async () => {
  await sandbox.own('POST', 'faults', { latency_ms: 300 })
  const key = { idempotencyKey: 'at-once' }
  const outcomes = await Promise.allSettled([create({}, key), create({}, key)])
  const lost = outcomes.find(x => x.status === 'rejected').reason
  assert.equal(lost.code, 'idempotency_key_in_use')
  assert.equal(lost.statusCode, 409)
  const patient = sandbox.client(undefined, { maxNetworkRetries: 5 })
  const made = await Promise.all([1, 2, 3].map(() => patient.paymentIntents.create(order, { idempotencyKey: 'at-once-2' })))
  assert.equal(new Set(made.map(x => x.id)).size, 1)
})

test('errors before and after the deed, and lost answers: the client\'s retries make one payment each', async () => {
  const patient = sandbox.client(undefined, { maxNetworkRetries: 10 })
  for (const faults of [{ error_rate: 0.5 }, { error_rate: 0.5, error_point: 'after' }, { lost_answer_rate: 0.5 }]) {
    const before = await count()
    await sandbox.own('POST', 'faults', faults)
    for (let i = 0; i < 3; ++i) await patient.paymentIntents.create(order)
    await sandbox.own('DELETE', 'faults')
    assert.equal(await count(), before + 3)
  }
})

async function count () {
  const { payment_intents: byStatus } = await sandbox.own('GET', 'totals')
  return Object.values(byStatus).reduce((sum, x) => sum + x, 0)
}

test('an error that is kept for the key is told again without doing anything', async () => {
  const before = await count()
  await sandbox.own('POST', 'faults', { error_rate: 1, error_point: 'stored' })
  const key = { idempotencyKey: 'stored-1' }
  await refused(create({}, key), Stripe.errors.StripeAPIError)
  await sandbox.own('DELETE', 'faults')
  await refused(create({}, key), Stripe.errors.StripeAPIError)
  assert.equal(await count(), before + 1)
})

test('while it is down there is no answer', async () => {
  await sandbox.own('POST', 'faults', { down_ms: 60_000 })
  await refused(create(), Stripe.errors.StripeConnectionError)
  await sandbox.own('POST', 'faults', { down_ms: 0 })
  await create()
})

test('lists go page by page, by the client\'s own iteration', async () => {
  const customer = 'cus_of_pages'
  const made = []
  for (let i = 0; i < 7; ++i) made.unshift((await create({ customer })).id)
  const seen = []
  for await (const x of stripe.paymentIntents.list({ customer, limit: 3 })) seen.push(x.id)
  assert.deepEqual(seen, made)
  const page = await stripe.paymentIntents.list({ customer, limit: 2, ending_before: made[4] })
  assert.deepEqual(page.data.map(x => x.id), [made[2], made[3]])
  assert.equal(page.has_more, true)
  await refused(stripe.paymentIntents.list({ limit: 101 }), Stripe.errors.StripeInvalidRequestError)
})

test('events tell what has happened', async () => {
  const paid = await pay()
  const { data } = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 1 })
  assert.equal(data[0].data.object.id, paid.id)
  assert.equal(data[0].request.id, paid.lastResponse.requestId)
  assert.deepEqual(await stripe.events.retrieve(data[0].id), data[0])
  await refused(stripe.events.retrieve('evt_none'), Stripe.errors.StripeInvalidRequestError, 'resource_missing')
})

test('wrong keys, unknown objects and unknown parameters are refused as Stripe refuses them', async () => {
  await refused(sandbox.client('sk_test_other').paymentIntents.list(), Stripe.errors.StripeAuthenticationError)
  const missing = await refused(stripe.paymentIntents.retrieve('pi_none'), Stripe.errors.StripeInvalidRequestError, 'resource_missing')
  assert.equal(missing.statusCode, 404)
  const unknown = await refused(create({ colour: 'red' }), Stripe.errors.StripeInvalidRequestError, 'parameter_unknown')
  assert.equal(unknown.param, 'colour')
  await refused(create({ payment_method: 'pm_card_none' }), Stripe.errors.StripeInvalidRequestError, 'resource_missing')
  await refused(stripe.paymentIntents.create({ currency: 'inr' }), Stripe.errors.StripeInvalidRequestError, 'parameter_missing')
  await refused(stripe.paymentIntents.create({ amount: 500, currency: 'inr', payment_method: 'pm_card_visa', confirm: true }),
    Stripe.errors.StripeInvalidRequestError)
  await refused(create({ payment_method_data: { type: 'card', card: { number: '4242424242424242' } } }), Stripe.errors.StripeInvalidRequestError)
})

test('metadata and amount change until it is paid', async () => {
  const { id } = await create({ metadata: { a: '1', b: '2' } })
  const changed = await stripe.paymentIntents.update(id, { amount: 50_000, metadata: { a: '', c: '3' } })
  assert.equal(changed.amount, 50_000)
  assert.deepEqual(changed.metadata, { b: '2', c: '3' })
  await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
  await refused(stripe.paymentIntents.update(id, { amount: 60_000 }), Stripe.errors.StripeInvalidRequestError, 'payment_intent_unexpected_state')
})

test('killed and started again, it knows what was paid and what was asked', async () => {
  const key = { idempotencyKey: 'over-the-kill' }
  const made = await create({}, key)
  const paid = await pay()
  await sandbox.kill()
  await sandbox.run()
  assert.deepEqual(await stripe.paymentIntents.retrieve(paid.id), paid)
  assert.equal((await create({}, key)).id, made.id)
})
