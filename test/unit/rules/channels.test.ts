import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { callUrl } from '../../../electron/node/rules/channels/call-url.ts'
import { sendMail } from '../../../electron/node/rules/channels/send-mail.ts'
import { webhookBody } from '../../../electron/node/rules/channels/webhook-body.ts'
import { type AlertNotice, channelSettingsSchema, type WebhookShape } from '../../../shared/rules/channel.ts'
import { ANNA, PART, START } from './run-rules.ts'
import { startSmtpServer } from './smtp-server.ts'

const NOTICE: AlertNotice = {
  isTest: false,
  rule: 'CPU "hot" <!channel>',
  ruleId: 'cpu-hot',
  part: PART,
  severity: 'critical',
  note: 'Look at the fans.',
  isReminder: false,
  firing: [{ publisher: ANNA, sentence: 'cpu is “@everyone”, above 90.', since: START }],
  resolved: [],
  more: 0,
  stillFiring: 1,
  at: START,
}

const webhook = (shape: WebhookShape, more: object = {}) =>
  channelSettingsSchema.parse({ kind: 'webhook', shape, ...more }) as Parameters<typeof webhookBody>[0]
const bodyOf = (shape: WebhookShape, more: object = {}, notice = NOTICE) =>
  JSON.parse(webhookBody(webhook(shape, more), { key: 'routing' }, notice))

describe('the shapes of webhooks', () => {
  it('tell Slack and Discord words that mention nobody', () => {
    expect(bodyOf('slack').text).toContain('&lt;!channel&gt;')
    expect(bodyOf('slack').text).not.toContain('<!')
    expect(bodyOf('discord')).toMatchObject({ allowed_mentions: { parse: [] } })
  })

  it('name Telegram’s chat', () => {
    expect(bodyOf('telegram', { chatId: '-100' })).toMatchObject({
      chat_id: '-100',
      text: expect.any(String),
    })
  })

  it('trigger an incident at PagerDuty, and resolve it when nothing of the rule fires any more', () => {
    expect(bodyOf('pagerduty')).toMatchObject({ event_action: 'trigger', routing_key: 'routing' })
    const over = { ...NOTICE, firing: [], resolved: NOTICE.firing, stillFiring: 0 }
    expect(bodyOf('pagerduty', {}, over)).toMatchObject({
      event_action: 'resolve',
      dedup_key: bodyOf('pagerduty').dedup_key,
    })
  })

  it('fill in a template whose values cannot leave their place', () => {
    const template = '{"t": "{{rule}}", "who": [{{#firing}}"{{publisher}}"{{/firing}}]}'
    expect(bodyOf('template', { template })).toEqual({ t: NOTICE.rule, who: [ANNA] })
    expect(() => bodyOf('template', { template: '{{rule}}' })).toThrow('does not give JSON')
    expect(() => bodyOf('template', { template: '{{#a}}' })).toThrow('cannot be filled in')
  })
})

describe('calling an address', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token-1234`
  }
  const { signal } = new AbortController()

  it('hands over the body', async () => {
    let got = ''
    const url = await serve((request, response) => {
      request.on('data', (chunk) => {
        got += chunk
      })
      request.on('end', () => response.end('ok'))
    })
    await callUrl({ url, body: '{"a":1}', allowPrivate: true, signal })
    expect(got).toBe('{"a":1}')
  })

  it('is refused for this machine and private networks unless they are allowed, by address and by name', async () => {
    let calls = 0
    const url = await serve((_, response) => {
      calls += 1
      response.end()
    })
    const attempt = (target: string) => callUrl({ url: target, body: '{}', allowPrivate: false, signal })
    await expect(attempt(url)).rejects.toThrow('private network')
    await expect(attempt(url.replace('127.0.0.1', 'localhost'))).rejects.toThrow('private network')
    await expect(attempt('http://[::ffff:10.0.0.1]/')).rejects.toThrow('private network')
    await expect(attempt('file:///etc/passwd')).rejects.toThrow('no http or https')
    expect(calls).toBe(0)
  })

  it('takes a bad status for a failure, follows no redirection, and never says the address', async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    )
    const failed = callUrl({ url, body: '{}', allowPrivate: true, signal })
    await expect(failed).rejects.toThrow('HTTP status 302')
    await expect(failed).rejects.not.toThrow('token-1234')
    const gone = callUrl({ url: 'http://127.0.0.1:1/token-1234', body: '{}', allowPrivate: true, signal })
    await expect(gone).rejects.toThrow('ECONNREFUSED')
    await expect(gone).rejects.not.toThrow('token-1234')
  })

  it('ends with the node, however slow the receiver is', async () => {
    const arrived = Promise.withResolvers<void>()
    const url = await serve(() => arrived.resolve())
    const stopping = new AbortController()
    const call = callUrl({ url, body: '{}', allowPrivate: true, signal: stopping.signal })
    await arrived.promise
    stopping.abort()
    await expect(call).rejects.toThrow('stopped')
  })
})

describe('mail', () => {
  const NEVER = new AbortController().signal
  const settings = (port: number) =>
    channelSettingsSchema.parse({
      kind: 'email',
      host: '127.0.0.1',
      port,
      security: 'none',
      from: 'tidemark@example.org',
      to: ['anna@example.org'],
    }) as Parameters<typeof sendMail>[0]

  it('is handed to the server, with one line of subject whatever the rule is called', async () => {
    const server = await startSmtpServer()
    await sendMail(settings(server.port), {}, { ...NOTICE, rule: 'Hot\r\nBcc: eve@example.org' }, NEVER)
    server.close()
    expect(server.mails).toHaveLength(1)
    expect(server.mails[0]).toContain('To: anna@example.org')
    const [headers] = server.mails[0]?.split('\n\n') ?? []
    expect(headers).not.toMatch(/^Bcc:/m)
  })

  it('fails visibly when the server refuses, or is not there', async () => {
    const server = await startSmtpServer(() => true)
    await expect(sendMail(settings(server.port), {}, NOTICE, NEVER)).rejects.toThrow('550')
    server.close()
    await expect(sendMail(settings(1), {}, NOTICE, NEVER)).rejects.toThrow('did not take it')
  })

  it('ends with the node, however slowly the server speaks', async () => {
    const spoken = Promise.withResolvers<void>()
    const server = createTcpServer((socket) => {
      // A greeting that never ends: each piece of it is a sign of life.
      const timer = setInterval(() => socket.write('220-wait\r\n'), 20)
      socket.on('error', () => undefined).on('close', () => clearInterval(timer))
      spoken.resolve()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const stopping = new AbortController()
    const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'))
    const mail = sendMail(settings((server.address() as AddressInfo).port), {}, NOTICE, stopping.signal)
    await spoken.promise
    stopping.abort()
    await expect(mail).rejects.toThrow('stopped')
    await closed
    server.close()
  })
})
