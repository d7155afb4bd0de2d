import { expect, test } from 'vitest'
import { judgeImports } from '../../../scripts/layers.mjs'

test('a part of the node may not import a sibling part, however the path is written', () => {
  const fault = (target: string) =>
    judgeImports('electron/node/store/write/writer.ts', `import { a } from '${target}'`)
  expect(fault('../../gossip/gossip.ts')).toHaveLength(1)
  expect(fault('../../../node/gossip/gossip.ts')).toHaveLength(1)
  expect(fault('../pyramid/level.ts')).toEqual([])
  expect(fault('../../ports.ts')).toEqual([])
  expect(fault('../../message/decode.ts')).toEqual([])
})

test('an import over several lines, an export from and an import at run time count too', () => {
  const file = 'electron/node/gossip/peers/host.ts'
  expect(judgeImports(file, "import {\n  a,\n  b,\n} from '../../store/sqlite-store.ts'\n")).toHaveLength(1)
  expect(judgeImports(file, "export { a } from '../../store/sqlite-store.ts'\n")).toHaveLength(1)
  expect(judgeImports(file, "const a = await import('../../store/sqlite-store.ts')\n")).toHaveLength(1)
})

test('a feature of the portal may not import another feature, nor the node', () => {
  const file = 'renderer/features/audit/audit.tsx'
  expect(judgeImports(file, "import { a } from '../network/network.tsx'")).toHaveLength(1)
  expect(judgeImports(file, "import { a } from '../../../electron/node/ports.ts'")).toHaveLength(1)
  expect(judgeImports(file, "import { a } from '../../ui/dialog.tsx'")).toEqual([])
})

test('the portal knows the router by its type alone', () => {
  const from = "from '../../electron/api/router.ts'"
  expect(judgeImports('renderer/api/client.ts', `import type { AppRouter } ${from}`)).toEqual([])
  expect(judgeImports('renderer/api/client.ts', `import { appRouter } ${from}`)).toHaveLength(1)
})

test('the SDK and Electron stay where they belong', () => {
  expect(judgeImports('electron/node/store/store.ts', "import { S } from '@streamr/sdk'")).toHaveLength(1)
  expect(judgeImports('electron/node/streamr/adapter.ts', "import { S } from '@streamr/sdk'")).toEqual([])
  expect(judgeImports('electron/headless.ts', "import { app } from 'electron'")).toHaveLength(1)
})
