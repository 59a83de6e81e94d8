/// `jose` verifies our tokens from the key set alone, before, during and after a change of keys.
import assert from 'node:assert/strict'
import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as jose from 'jose'
import { DabbaNode, eventually } from './node.mjs'

/// Longer than a node takes to notice changed files.
const noticed = 20_000
const person = { email: 'asha@example.org', password: 'correct horse battery' }

let node
before(async () => {
  node = await DabbaNode.start()
  const made = await node.post('/v1/auth/register', { role: 'CUSTOMER', name: 'Asha Rao', ...person })
  assert.equal(made.status, 201)
})
after(() => node?.stop())

async function logIn () {
  const answer = await node.post('/v1/auth/login', person)
  assert.equal(answer.status, 200)
  return answer.body
}

/// As somebody who keeps nothing: the key set is fetched anew.
function verify (token) {
  const keys = jose.createRemoteJWKSet(new URL('/.well-known/jwks.json', node.url))
  return jose.jwtVerify(token, keys, { issuer: 'dabba', audience: 'dabba', algorithms: ['ES256'] })
}

async function keyIds () {
  const { body } = await node.get('/.well-known/jwks.json')
  return body.keys.map(key => key.kid)
}

/// A file takes another's place at once, as a mounted secret does.
function replace (from, to) {
  copyFileSync(from, `${to}.new`)
  renameSync(`${to}.new`, to)
}

test('a token says who it is for, and carries the thumbprint of its key', async () => {
  const session = await logIn()
  const { payload, protectedHeader } = await verify(session.accessToken)
  assert.equal(payload.sub, session.user.userId)
  assert.equal(payload.role, 'CUSTOMER')
  assert.equal(payload.exp - payload.iat, session.expiresIn)
  const { body } = await node.get('/.well-known/jwks.json')
  assert.equal(body.keys.length, 1)
  assert.equal(protectedHeader.kid, await jose.calculateJwkThumbprint(body.keys[0], 'sha256'))
  assert.equal(body.keys[0].d, undefined)
})

test('no token is refused while one key takes the place of another, and none is taken of a key that is gone', async () => {
  const old = (await logIn()).accessToken
  const oldId = jose.decodeProtectedHeader(old).kid
  const next = join(node.folder, 'next.pem')
  node.dabba('token', '--new-key', next)

  // 1. The new key is published; the old one signs.
  replace(next, join(node.verificationKeys, 'next.pem'))
  await eventually(async () => (await keyIds()).length === 2, noticed, 'two keys are published')
  assert.equal(jose.decodeProtectedHeader((await logIn()).accessToken).kid, oldId)
  // Another node may sign with it already.
  const early = node.dabba('token', '--signing-key', next, '--role', 'CUSTOMER', '--subject', jose.decodeJwt(old).sub).trim()
  await verify(early)
  assert.equal((await node.get('/v1/users/me', early)).status, 200)

  // 2. The new key signs; the old one stays published.
  replace(node.signingKey, join(node.verificationKeys, 'old.pem'))
  await eventually(async () => (await keyIds()).length === 2, noticed, 'the same two keys')
  replace(next, node.signingKey)
  const fresh = await eventually(async () => {
    const token = (await logIn()).accessToken
    await verify(token)
    await verify(old)
    assert.equal((await node.get('/v1/users/me', old)).status, 200)
    return jose.decodeProtectedHeader(token).kid !== oldId && token
  }, noticed, 'the new key signs')
  assert.equal(jose.decodeProtectedHeader(fresh).kid, jose.decodeProtectedHeader(early).kid)

  // 3. When the last token of the old one has ended, that one goes.
  rmSync(join(node.verificationKeys, 'old.pem'))
  await eventually(async () => (await keyIds()).length === 1, noticed, 'one key is published')
  await assert.rejects(verify(old), jose.errors.JWKSNoMatchingKey)
  assert.equal((await node.get('/v1/users/me', old)).status, 401)
  await verify(fresh)
  assert.equal((await node.get('/v1/users/me', fresh)).status, 200)
})

test('a token that was changed, or signed by somebody else, is refused by both', async () => {
  const token = (await logIn()).accessToken
  const [header, , signature] = token.split('.')
  const claims = jose.base64url.encode(JSON.stringify({ ...jose.decodeJwt(token), role: 'ADMIN' }))
  const { privateKey } = await jose.generateKeyPair('ES256')
  const foreign = await new jose.SignJWT({ role: 'ADMIN' }).setProtectedHeader({ alg: 'ES256', kid: jose.decodeProtectedHeader(token).kid })
    .setIssuer('dabba').setAudience('dabba').setSubject(jose.decodeJwt(token).sub).setIssuedAt().setExpirationTime('5m').sign(privateKey)
  for (const bad of [`${header}.${claims}.${signature}`, foreign]) {
    await assert.rejects(verify(bad), jose.errors.JWSSignatureVerificationFailed)
    assert.equal((await node.get('/v1/users/me', bad)).status, 401)
  }
})
