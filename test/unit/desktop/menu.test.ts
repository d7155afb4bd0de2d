import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { setupMenu } from '../../../electron/desktop/setup-menu.ts'
import type { DesktopCommand } from '../../../shared/desktop-bridge.ts'
import { FakeElectron } from './fake-electron.ts'

function menuOn(platform: NodeJS.Platform, isPackaged = false) {
  const electron = new FakeElectron()
  electron.app.isPackaged = isPackaged
  const commands: DesktopCommand[] = []
  const asked: string[] = []
  setupMenu({
    electron: electron.api,
    platform,
    command: (command) => commands.push(command),
    show: () => undefined,
    openAnother: () => asked.push('another window'),
    checkForUpdates: () => asked.push('updates'),
  })
  const items: MenuItemConstructorOptions[] = []
  const walk = (list: MenuItemConstructorOptions[]): void => {
    for (const item of list) {
      items.push(item)
      if (Array.isArray(item.submenu)) walk(item.submenu)
    }
  }
  walk(electron.applicationMenu)
  const click = (label: string): void => {
    const item = items.find((candidate) => candidate.label === label)
    if (item?.click === undefined) throw new Error(`no entry ${label}`)
    ;(item.click as () => void)()
  }
  return { items, commands, asked, click, electron }
}

describe.each(['linux', 'win32', 'darwin'] as const)('the menu on %s', (platform) => {
  it('opens another window, looks for updates and shows the tour', () => {
    const { click, commands, asked } = menuOn(platform)
    for (const label of ['New window', 'Check for updates…', 'Take the tour']) click(label)
    expect(asked).toEqual(['another window', 'updates'])
    expect(commands).toEqual([{ kind: 'invoke', command: 'tour' }])
  })

  it('leads to every place and carries out the portal’s commands', () => {
    const { click, commands } = menuOn(platform)
    for (const label of [
      'Overview',
      'Workspace',
      'Messages',
      'Settings…',
      'Search and commands…',
      'Play or pause',
    ])
      click(label)
    expect(commands).toEqual([
      { kind: 'navigate', path: '/' },
      { kind: 'navigate', path: '/workspace' },
      { kind: 'navigate', path: '/messages' },
      { kind: 'navigate', path: '/settings' },
      { kind: 'invoke', command: 'command-palette' },
      { kind: 'invoke', command: 'play-pause' },
    ])
  })

  it('gives no key to two entries', () => {
    const keys = menuOn(platform).items.flatMap(({ accelerator }) =>
      accelerator === undefined ? [] : [accelerator],
    )
    expect(keys.length).toBeGreaterThan(7)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('offers the developer tools in development alone', () => {
    const has = (isPackaged: boolean) =>
      menuOn(platform, isPackaged).items.some(({ role }) => role === 'toggleDevTools')
    expect(has(false)).toBe(true)
    expect(has(true)).toBe(false)
  })

  it('has a way to quit, and standard editing for text fields', () => {
    const roles = menuOn(platform).items.map(({ role }) => role)
    expect(roles).toContain('quit')
    expect(roles).toContain('editMenu')
  })
})
