import { z } from 'zod'
import {
  MAX_CHANNEL_NAME_LENGTH,
  MAX_MAIL_RECIPIENTS,
  MAX_SECRET_LENGTH,
  MAX_TEMPLATE_LENGTH,
} from './limits.ts'
import type { Severity } from './rule.ts'

export const WEBHOOK_SHAPES = ['json', 'slack', 'discord', 'telegram', 'pagerduty', 'template'] as const
export type WebhookShape = (typeof WEBHOOK_SHAPES)[number]

const name = z.string().trim().min(1).max(MAX_CHANNEL_NAME_LENGTH)
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\r\n]*$/)
const mailAddress = line(254).regex(/^[^\s@]+@[^\s@]+$/)

/** What of a channel may be seen: everything but its secrets. */
export const channelSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('desktop') }),
  z.strictObject({
    kind: z.literal('webhook'),
    shape: z.enum(WEBHOOK_SHAPES),
    /** Body of the shape `template`, in Mustache; it has to give JSON. */
    template: z.string().max(MAX_TEMPLATE_LENGTH).default(''),
    /** Telegram's chat. */
    chatId: line(128).default(''),
    /** Addresses of this machine and of private networks may be reached. */
    allowPrivate: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('email'),
    host: line(255).min(1),
    port: z.int().min(1).max(65_535),
    /** `tls`: from the first byte; `starttls`: refused without; `none`: for a relay on the same machine. */
    security: z.enum(['tls', 'starttls', 'none']),
    user: line(255).default(''),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(MAX_MAIL_RECIPIENTS),
  }),
  /** Called while all is well, so that somebody else notices when it is not: a dead man's switch. */
  z.strictObject({
    kind: z.literal('heartbeat'),
    everyMs: z.int().min(10_000).max(86_400_000),
    allowPrivate: z.boolean().default(false),
  }),
])
export type ChannelSettings = z.infer<typeof channelSettingsSchema>

/** What must not be seen: an address with its token, a key, a password. */
export const channelSecretsSchema = z.strictObject({
  url: z.string().trim().max(MAX_SECRET_LENGTH).optional(),
  /** PagerDuty's routing key. */
  key: z.string().trim().max(MAX_SECRET_LENGTH).optional(),
  password: z.string().max(MAX_SECRET_LENGTH).optional(),
})
export type ChannelSecrets = z.infer<typeof channelSecretsSchema>

/** A channel as it is saved; secrets that are left out stay what they were. */
export const channelInputSchema = z.strictObject({
  name,
  settings: channelSettingsSchema,
  secrets: channelSecretsSchema.default({}),
})
export type ChannelInput = z.infer<typeof channelInputSchema>

export interface ChannelView {
  name: string
  settings: ChannelSettings
  /** Secrets that are set, by name; never what they are. */
  secrets: string[]
  waiting: number
  lastDeliveredAt: number | null
  /** What went wrong last, if it did after the last success. */
  problem: string | null
}

export interface DeliveryView {
  id: number
  channel: string
  createdAt: number
  title: string
  state: 'waiting' | 'delivered' | 'given-up'
  attempts: number
  problem: string | null
  settledAt: number | null
}

/** What a channel is told: one rule, with what fires and what is over. */
export interface AlertNotice {
  isTest: boolean
  rule: string
  ruleId: string
  part: string
  severity: Severity
  note: string
  /** It was told before and still lasts. */
  isReminder: boolean
  firing: NoticeAlert[]
  resolved: NoticeAlert[]
  /** Further ones that are not listed. */
  more: number
  /** Alerts of the rule that fire at the moment, told or not. */
  stillFiring: number
  at: number
}

export interface NoticeAlert {
  publisher: string | null
  sentence: string
  since: number
}
