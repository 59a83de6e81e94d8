/// `prism` between a client and a node: it compares every request and every answer with the description.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, freePort } from './node.mjs'

/// The description as strict as we are ourselves: what it does not name may not be in an answer. Clients are told to
/// ignore what they don't know, and so the published one allows it.
function nothingMore (schema) {
  if (Array.isArray(schema)) return schema.forEach(nothingMore)
  if (schema === null || typeof schema !== 'object') return
  if (schema.type === 'object' && schema.properties) schema.additionalProperties ??= false
  Object.values(schema).forEach(nothingMore)
}

export class Prism {
  /// `errors`: what violates the description is refused; else it is named in a header of the answer.
  static async start (node, { errors }) {
    const prism = new Prism()
    const description = JSON.parse(readFileSync(process.env.DABBA_OPENAPI, 'utf8'))
    nothingMore(description.components.schemas)
    const file = join(node.folder, 'strict.json')
    writeFileSync(file, JSON.stringify(description))
    const port = await freePort()
    prism.url = `http://127.0.0.1:${port}`
    prism.log = join(node.folder, `prism-${port}.log`)
    const log = openSync(prism.log, 'a')
    prism.process = spawn(process.execPath, ['node_modules/@stoplight/prism-cli/dist/index.js', 'proxy', file, node.url,
      '--host', '127.0.0.1', '--port', `${port}`, ...(errors ? ['--errors'] : [])], { stdio: ['ignore', log, log] })
    closeSync(log)
    await eventually(() => prism.#listens(), 60_000, 'prism listens').catch(why => {
      throw new Error(`${why.message}\n${prism.said()}`)
    })
    return prism
  }

  said () { return readFileSync(this.log, 'utf8') }

  async stop () {
    const ended = new Promise(resolve => this.process.once('exit', resolve))
    if (this.process.exitCode !== null) return
    this.process.kill('SIGTERM')
    await ended
  }

  async #listens () {
    if (this.process.exitCode !== null) throw new Error('prism has ended')
    return fetch(`${this.url}/v1/clock`).then(answer => answer.status === 200, () => false)
  }
}
