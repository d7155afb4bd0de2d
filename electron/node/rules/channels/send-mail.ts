import { createTransport } from 'nodemailer'
import type { AlertNotice, ChannelSecrets, ChannelSettings } from '../../../../shared/rules/channel.ts'
import { DeliveryFailed } from './delivery-failed.ts'
import { DELIVERY_DEADLINE_MS } from './limits.ts'
import { noticeText, noticeTitle } from './notice-text.ts'

type MailSettings = Extract<ChannelSettings, { kind: 'email' }>

/**
 * The library's own times begin anew with every byte: the deadline is over the whole, and the stop of the node ends it.
 * @throws {DeliveryFailed} when the server does not take the mail for all recipients
 */
export async function sendMail(
  settings: MailSettings,
  secrets: ChannelSecrets,
  notice: AlertNotice,
  signal: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.timeout(DELIVERY_DEADLINE_MS)
  const { host, port, security, user, from, to } = settings
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === '' ? {} : { auth: { user, pass: secrets.password ?? '' } }),
    connectionTimeout: DELIVERY_DEADLINE_MS,
    greetingTimeout: DELIVERY_DEADLINE_MS,
    socketTimeout: DELIVERY_DEADLINE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    const { rejected } = await transport.sendMail({
      signal: AbortSignal.any([signal, deadline]),
      from,
      to,
      // A rule's name is the user's own; line breaks end a header.
      subject: noticeTitle(notice).replace(/[\r\n]+/g, ' '),
      text: noticeText(notice),
    })
    if (rejected.length > 0)
      throw new DeliveryFailed(`The mail server refused ${rejected.length} of the recipients.`)
  } catch (error) {
    if (error instanceof DeliveryFailed) throw error
    if (signal.aborted) throw new DeliveryFailed('The node was stopped meanwhile.')
    if (deadline.aborted) throw new DeliveryFailed('The mail server took too long.')
    const { code, responseCode } = error as { code?: string; responseCode?: number }
    throw new DeliveryFailed(
      `The mail server did not take it (${[code, responseCode].filter(Boolean).join(' ') || 'no reason given'}).`,
    )
  } finally {
    transport.close()
  }
}
