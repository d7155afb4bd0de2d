import type { ChannelInput, ChannelSettings, WebhookShape } from '../../../shared/rules/channel.ts'

export const CHANNEL_WORDS: Record<ChannelSettings['kind'], { label: string; about: string }> = {
  webhook: {
    label: 'Webhook',
    about: 'A service is called: Slack, Discord, Telegram, PagerDuty or your own.',
  },
  email: { label: 'E-mail', about: 'A mail is handed to your mail server.' },
  desktop: { label: 'Desktop', about: 'A notification of the desktop window on this machine.' },
  heartbeat: {
    label: 'Dead man’s switch',
    about: 'An address is called while all is well, so that its owner notices when this node is gone.',
  },
}

export const SHAPE_WORDS: Record<WebhookShape, string> = {
  slack: 'Slack',
  discord: 'Discord',
  telegram: 'Telegram',
  pagerduty: 'PagerDuty',
  json: 'Plain JSON',
  template: 'Own template',
}

const FIRST_TEMPLATE = `{
  "title": "{{title}}",
  "severity": "{{severity}}",
  "firing": [{{#firing}}"{{publisher}}: {{sentence}}",{{/firing}} ""]
}`

/** Settings to begin with. */
export function firstSettings(kind: ChannelSettings['kind']): ChannelSettings {
  switch (kind) {
    case 'desktop':
      return { kind }
    case 'webhook':
      return { kind, shape: 'slack', template: FIRST_TEMPLATE, chatId: '', allowPrivate: false }
    case 'email':
      return { kind, host: '', port: 587, security: 'starttls', user: '', from: '', to: [] }
    case 'heartbeat':
      return { kind, everyMs: 60_000, allowPrivate: false }
  }
}

export function firstChannel(): ChannelInput {
  return { name: '', settings: firstSettings('webhook'), secrets: {} }
}
