import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** The door of every npm script as a Node of the given version sees it. */
function startAs(version: string) {
  const disguise = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(disguise)}`,
    'scripts/run.mjs',
    'nothing',
  ]
  return spawnSync(process.execPath, args, { encoding: 'utf8' })
}

test('a Node too old is told so in words, with a remedy and no stack trace', () => {
  const { status, stderr } = startAs('18.20.8')
  expect(status).toBe(1)
  expect(stderr).toMatch(/Node 20\.0 or newer/)
  expect(stderr).toMatch(/run the command again/)
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('a Node new enough goes on to the command', () => {
  expect(startAs('20.0.0').stderr).toMatch(/no command "nothing"/)
})
