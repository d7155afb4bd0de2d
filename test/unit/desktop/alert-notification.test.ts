import { expect, test } from 'vitest'
import { showAlert } from '../../../electron/desktop/alert-notification.ts'
import { FakeElectron } from './fake-electron.ts'

test('an alert becomes one notification of the system, cut to what is legible', () => {
  const electron = new FakeElectron()
  const options = { electron: electron.api, iconPath: '/icon.png', show: () => undefined }
  showAlert({ title: '[critical] Hot: 1 firing', body: 'x'.repeat(10_000) }, options)
  expect(electron.notifications).toHaveLength(1)
  expect(electron.notifications[0]).toMatchObject({
    title: '[critical] Hot: 1 firing',
    body: 'x'.repeat(400),
  })
})
