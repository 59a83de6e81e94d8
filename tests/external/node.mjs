/// A `dabba` node with a database and a key of its own, for the checks here.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const program = process.env.DABBA_PROGRAM
const psql = process.env.DABBA_PSQL
const server = process.env.DABBA_TEST_DATABASE

/// Calls `holds` until it says true (or gives something), for `ms` at most.
export async function eventually (holds, ms, what) {
  const end = Date.now() + ms
  for (;;) {
    const found = await holds()
    if (found) return found
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await pause(50)
  }
}

export function freePort () {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

function onServer (sql) {
  execFileSync(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', server, '-c', sql], { stdio: ['ignore', 'ignore', 'inherit'] })
}

export class DabbaNode {
  /// Ready when this returns.
  static async start (flags = []) {
    if (!program || !psql || !server) throw new Error('DABBA_PROGRAM, DABBA_PSQL and DABBA_TEST_DATABASE must be set')
    const node = new DabbaNode()
    node.folder = mkdtempSync(join(tmpdir(), 'dabba-external-'))
    node.signingKey = join(node.folder, 'signing-key.pem')
    node.verificationKeys = join(node.folder, 'keys')
    mkdirSync(node.verificationKeys)
    node.name = `dabba_external_${randomBytes(6).toString('hex')}`
    onServer(`create database ${node.name}`)
    node.database = node.#url()
    node.dabba('migrate', '--database', node.database)
    node.dabba('token', '--new-key', node.signingKey)
    node.url = `http://127.0.0.1:${await freePort()}`
    node.log = join(node.folder, 'log')
    const log = openSync(node.log, 'a')
    node.process = spawn(program, ['node', '--database', node.database, '--listen', new URL(node.url).host,
      '--signing-key', node.signingKey, '--verification-keys', node.verificationKeys,
      ...(flags.includes('--web-root') ? [] : ['--web-root', '']), ...flags],
    { stdio: ['ignore', log, log] })
    closeSync(log)
    await eventually(() => node.#isReady(), 60_000, 'the node is ready').catch(why => {
      throw new Error(`${why.message}\n${readFileSync(node.log, 'utf8')}`)
    })
    return node
  }

  async stop () {
    const ended = new Promise(resolve => this.process.once('exit', resolve))
    if (this.process.exitCode === null) {
      this.process.kill('SIGTERM')
      await ended
    }
    onServer(`drop database if exists ${this.name} with (force)`)
    rmSync(this.folder, { recursive: true })
  }

  dabba (...args) {
    return execFileSync(program, args, { encoding: 'utf8' })
  }

  async post (path, body, token) {
    const headers = { 'Content-Type': 'application/json' }
    if (token) headers.Authorization = `Bearer ${token}`
    const answer = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() }
  }

  async get (path, token) {
    const answer = await fetch(this.url + path, { headers: token ? { Authorization: `Bearer ${token}` } : {} })
    return { status: answer.status, body: await answer.json() }
  }

  #url () {
    // A URL or libpq's keywords; the later dbname counts in both.
    if (!server.includes('://')) return `${server} dbname=${this.name}`
    const made = new URL(server)
    made.pathname = `/${this.name}`
    return made.href
  }

  async #isReady () {
    if (this.process.exitCode !== null) throw new Error('the node has ended')
    return fetch(`${this.url}/readyz`).then(answer => answer.status === 200, () => false)
  }
}
