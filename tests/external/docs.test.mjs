/// The page at /docs in a browser: Swagger UI works under the edge's Content-Security-Policy, and shows everything.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DabbaNode } from './node.mjs'

let node
before(async () => {
  node = await DabbaNode.start(['--web-root', process.env.DABBA_WEB_ROOT, '--swagger-ui', process.env.DABBA_SWAGGER_UI])
})
after(() => node?.stop())

test('a browser shows every request, and is refused nothing', async () => {
  const { paths } = await (await fetch(`${node.url}/openapi.json`)).json()
  const operations = Object.values(paths).flatMap(Object.keys).length
  const shown = spawnSync(process.env.DABBA_CHROMIUM, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
    `--user-data-dir=${join(node.folder, 'profile')}`, '--enable-logging=stderr', '--virtual-time-budget=20000', '--dump-dom',
    `${node.url}/docs`], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(shown.stdout.match(/class="opblock-summary-path"/g)?.length, operations, shown.stderr)
  assert.doesNotMatch(shown.stderr, /CONSOLE|Content Security Policy/)
})
