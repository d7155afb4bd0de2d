import { TidemarkError } from '../../../../shared/errors.ts'
import {
  type AlertNotice,
  type ChannelInput,
  type ChannelSecrets,
  type ChannelView,
  channelSecretsSchema,
  type DeliveryView,
} from '../../../../shared/rules/channel.ts'
import type { Clock, Logger } from '../../ports.ts'
import type { RuleThread } from '../alert-book.ts'
import type { ChannelRecord } from '../file/channel-table.ts'
import type { DueDelivery } from '../file/delivery-table.ts'
import type { SecretBox } from '../ports.ts'
import { callUrl } from './call-url.ts'
import { DeliveryFailed } from './delivery-failed.ts'
import { Heartbeats } from './heartbeats.ts'
import { sendMail } from './send-mail.ts'
import { webhookBody } from './webhook-body.ts'

export interface CourierOptions {
  thread: RuleThread
  secretBox: SecretBox
  clock: Clock
  logger: Logger
  /** Something about channels or deliveries is other than before. */
  onChange: () => void
}

/** Tells channels what there is to tell, each one thing after the other; what cannot be delivered waits and is tried again. */
export class Courier {
  readonly #options: CourierOptions
  readonly #stopping = new AbortController()
  readonly #busy = new Map<string, Promise<void>>()
  readonly #desktops = new Set<(notice: AlertNotice) => void>()
  readonly #heartbeats: Heartbeats
  #channels: ChannelRecord[] = []

  constructor(options: CourierOptions) {
    this.#options = options
    this.#heartbeats = new Heartbeats(options.clock, (channel) => this.#ping(channel))
  }

  async start(): Promise<void> {
    this.#channels = await this.#options.thread.call('channels', [])
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...this.#busy.values(), this.#heartbeats.settled()])
  }

  /** Desktops show notices as notifications; without one, the channel says so. */
  onDesktopNotice(listener: (notice: AlertNotice) => void): () => void {
    this.#desktops.add(listener)
    return () => this.#desktops.delete(listener)
  }

  /** To be called after each round. @param isWell whether rules are judged as they should be */
  async deliver(isWell: boolean): Promise<void> {
    if (this.#stopping.signal.aborted) return
    if (isWell) this.#heartbeats.beat(this.#channels)
    const { thread, clock } = this.#options
    for (const delivery of await thread.call('dueDeliveries', [clock.now()])) {
      if (this.#busy.has(delivery.channel)) continue
      const done = this.#carry(delivery).finally(() => this.#busy.delete(delivery.channel))
      this.#busy.set(delivery.channel, done)
    }
  }

  async channels(): Promise<ChannelView[]> {
    const { thread } = this.#options
    const states = await thread.call('channelDeliveries', [this.#channels.map(({ name }) => name)])
    return Promise.all(
      this.#channels.map(async (channel, at) => {
        const { name, settings } = channel
        const beats = this.#heartbeats.state(name)
        const state = states[at] ?? { waiting: 0, lastDeliveredAt: null, problem: null }
        const secrets = await this.#secretsOf(channel).catch(() => ({}))
        return { name, settings, secrets: Object.keys(secrets), ...(beats ?? state) }
      }),
    )
  }

  deliveries(): Promise<DeliveryView[]> {
    return this.#options.thread.call('deliveries', [])
  }

  /** Secrets that are left out stay what they were, unless the channel becomes one of another kind. */
  async put({ name, settings, secrets }: ChannelInput): Promise<void> {
    const before = this.#channels.find((channel) => channel.name === name)
    const kept = before?.settings.kind === settings.kind ? await this.#secretsOf(before) : {}
    const all: ChannelSecrets = { ...kept, ...secrets }
    const isEmpty = Object.keys(all).length === 0
    const sealed = isEmpty ? null : await this.#options.secretBox.seal(Buffer.from(JSON.stringify(all)))
    await this.#options.thread.call('putChannel', [{ name, settings, sealed }])
    await this.#changed()
  }

  async remove(name: string): Promise<void> {
    await this.#options.thread.call('removeChannel', [name])
    await this.#changed()
  }

  /** Tells a channel a test at once. @throws TidemarkError `channel-failed` with what went wrong */
  async test(name: string): Promise<void> {
    const channel = this.#channels.find((one) => one.name === name)
    if (channel === undefined) {
      throw new TidemarkError('invalid-input', 'There is no such channel.', 'Save it before it is tested.')
    }
    try {
      await this.#tell(channel, testNotice(name, this.#options.clock.now()))
    } catch (error) {
      throw new TidemarkError(
        'channel-failed',
        sentenceOf(error),
        'Check the channel’s settings and test it again.',
      )
    }
  }

  async #changed(): Promise<void> {
    this.#channels = await this.#options.thread.call('channels', [])
    this.#options.onChange()
  }

  async #carry({ id, channel: name, notice }: DueDelivery): Promise<void> {
    const { thread, clock, logger } = this.#options
    let problem: string | null = null
    try {
      const channel = this.#channels.find((one) => one.name === name)
      if (channel === undefined) throw new DeliveryFailed('There is no channel of that name.')
      await this.#tell(channel, notice)
    } catch (error) {
      // What a stop cut off is still due.
      if (this.#stopping.signal.aborted) return
      problem = sentenceOf(error)
      logger.warn({ channel: name, problem }, 'a channel could not be told')
    }
    await thread.call('settleDelivery', [id, problem, clock.now()]).catch(() => undefined)
    this.#options.onChange()
  }

  async #tell(channel: ChannelRecord, notice: AlertNotice): Promise<void> {
    const { settings } = channel
    const { signal } = this.#stopping
    if (settings.kind === 'desktop') {
      if (this.#desktops.size === 0) {
        throw new DeliveryFailed(
          'No desktop window runs with this node, so nobody could be shown a notification.',
        )
      }
      for (const show of this.#desktops) show(notice)
      return
    }
    const secrets = await this.#secretsOf(channel)
    if (settings.kind === 'email') return sendMail(settings, secrets, notice, signal)
    const { allowPrivate } = settings
    const url = secrets.url ?? ''
    if (settings.kind === 'heartbeat') return callUrl({ url, allowPrivate, signal })
    await callUrl({ url, body: webhookBody(settings, secrets, notice), allowPrivate, signal })
  }

  async #ping(channel: ChannelRecord): Promise<string | null> {
    const before = this.#heartbeats.state(channel.name)?.problem
    const problem = await this.#tell(channel, testNotice(channel.name, 0)).then(() => null, sentenceOf)
    if (problem !== (before ?? null)) this.#options.onChange()
    return problem
  }

  async #secretsOf({ sealed }: ChannelRecord): Promise<ChannelSecrets> {
    if (sealed === null) return {}
    try {
      const opened = await this.#options.secretBox.open(sealed)
      return channelSecretsSchema.parse(JSON.parse(Buffer.from(opened).toString()))
    } catch {
      // Whatever failed may quote what was opened: it goes no further.
      throw new DeliveryFailed('Its secrets cannot be opened here. Enter them again.')
    }
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof DeliveryFailed ? error.message : 'Something went wrong inside Tidemark.'
}

function testNotice(name: string, now: number): AlertNotice {
  return {
    isTest: true,
    rule: name,
    ruleId: 'test',
    part: 'test#0',
    severity: 'info',
    note: '',
    isReminder: false,
    firing: [],
    resolved: [],
    more: 0,
    stillFiring: 0,
    at: now,
  }
}
