import Mustache from 'mustache'
import type { AlertNotice, ChannelSecrets, ChannelSettings } from '../../../../shared/rules/channel.ts'
import { DeliveryFailed } from './delivery-failed.ts'
import { MAX_BODY_LENGTH } from './limits.ts'
import { noticeText, noticeTitle } from './notice-text.ts'

type WebhookSettings = Extract<ChannelSettings, { kind: 'webhook' }>

/** Longest texts the receivers take, in UTF-16 units. */
const DISCORD_TEXT_LENGTH = 2_000
const TELEGRAM_TEXT_LENGTH = 4_096
const PAGERDUTY_SUMMARY_LENGTH = 1_024

/**
 * The body of a webhook in the receiver's own shape. Words of a stream are told as text: they mention nobody and
 * format nothing.
 * @throws {DeliveryFailed} when a template does not give JSON
 */
export function webhookBody(settings: WebhookSettings, secrets: ChannelSecrets, notice: AlertNotice): string {
  const text = noticeText(notice)
  switch (settings.shape) {
    case 'json':
      return JSON.stringify({ title: noticeTitle(notice), ...notice })
    case 'slack':
      return JSON.stringify({ text: escapeSlack(text) })
    case 'discord':
      return JSON.stringify({ content: text.slice(0, DISCORD_TEXT_LENGTH), allowed_mentions: { parse: [] } })
    case 'telegram':
      return JSON.stringify({ chat_id: settings.chatId, text: text.slice(0, TELEGRAM_TEXT_LENGTH) })
    case 'pagerduty':
      return JSON.stringify(pagerDutyEvent(secrets.key ?? '', notice, text))
    case 'template':
      return fillTemplate(settings.template, notice)
  }
}

function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Severities by PagerDuty's names are the same. One incident a rule: it ends when none of its alerts fires. */
function pagerDutyEvent(key: string, notice: AlertNotice, text: string): object {
  const isOver = !notice.isTest && notice.stillFiring === 0
  return {
    routing_key: key,
    event_action: isOver ? 'resolve' : 'trigger',
    dedup_key: `tidemark ${notice.ruleId} ${notice.part}`.slice(0, 255),
    payload: {
      summary: noticeTitle(notice).slice(0, PAGERDUTY_SUMMARY_LENGTH),
      severity: notice.severity,
      source: notice.part.slice(0, 255),
      timestamp: new Date(notice.at).toISOString(),
      custom_details: { text },
    },
  }
}

/** Values are escaped as within a JSON text, so that no word of a stream can leave its place. */
function fillTemplate(template: string, notice: AlertNotice): string {
  let body: string
  try {
    const view = { ...notice, title: noticeTitle(notice), text: noticeText(notice) }
    body = Mustache.render(
      template,
      view,
      {},
      { escape: (value) => JSON.stringify(String(value)).slice(1, -1) },
    )
  } catch (error) {
    throw new DeliveryFailed(
      `The template cannot be filled in: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}.`,
    )
  }
  if (body.length > MAX_BODY_LENGTH) throw new DeliveryFailed('The template gives too long a text.')
  try {
    JSON.parse(body)
  } catch {
    throw new DeliveryFailed('The template does not give JSON. Put values in quotes: "{{title}}".')
  }
  return body
}
