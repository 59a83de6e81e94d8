/// A dabba-sandbox-gateway as a process, and Stripe's client for it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Stripe from 'stripe'

export const secretKey = 'sk_test_sandbox'
export const publishableKey = 'pk_test_sandbox'

/// Calls `holds` until it gives something, for `ms` at most.
export async function eventually (holds, ms, what) {
  const end = Date.now() + ms
  for (;;) {
    const found = await holds()
    if (found) return found
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await pause(20)
  }
}

export class Sandbox {
  static async start (flags = []) {
    const sandbox = new Sandbox()
    sandbox.folder = mkdtempSync(join(tmpdir(), 'dabba-external-'))
    sandbox.flags = flags
    sandbox.port = 0
    await sandbox.run()
    return sandbox
  }

  async run () {
    const command = ['--listen', `127.0.0.1:${this.port}`, '--state', join(this.folder, 'state'), ...this.flags]
    this.process = spawn(process.env.DABBA_SANDBOX_PROGRAM, command, { stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    this.process.stderr.on('data', text => { log += text })
    const serving = await eventually(() => log.match(/serving on http:\/\/127\.0\.0\.1:(\d+)/), 10_000, 'the sandbox serves')
    this.port = Number(serving[1])
  }

  async kill (signal = 'SIGKILL') {
    const ended = new Promise(resolve => this.process.once('exit', resolve))
    this.process.kill(signal)
    return ended
  }

  async stop () {
    const status = await this.kill('SIGTERM')
    rmSync(this.folder, { recursive: true })
    if (status !== 0) throw new Error(`the sandbox ended with status ${status}`)
  }

  client (key = secretKey, settings = {}) {
    return new Stripe(key, { host: '127.0.0.1', port: this.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...settings })
  }

  /// The sandbox's own paths.
  async own (method, path, body) {
    const answer = await fetch(`http://127.0.0.1:${this.port}/_sandbox/${path}`,
      { method, headers: { Authorization: `Bearer ${secretKey}` }, body: body && JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}
