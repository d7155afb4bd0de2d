import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export interface SmtpServer {
  port: number
  /** Mails as they came, headers and all. */
  mails: string[]
  close(): void
}

/** A mail server that speaks just enough SMTP, on loopback. @param refuse recipients it does not take */
export async function startSmtpServer(
  refuse: (recipient: string) => boolean = () => false,
): Promise<SmtpServer> {
  const mails: string[] = []
  const server = createServer((socket) => {
    socket.setEncoding('utf8')
    let buffer = ''
    let mail: string | undefined
    socket.write('220 here ESMTP\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (chunk: string) => {
      buffer += chunk
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end)
        buffer = buffer.slice(end + 2)
        if (mail !== undefined) {
          if (line === '.') {
            mails.push(mail)
            mail = undefined
            socket.write('250 taken\r\n')
          } else mail += `${line}\n`
        } else if (line === 'DATA') {
          mail = ''
          socket.write('354 go on\r\n')
        } else if (line.startsWith('RCPT') && refuse(line)) socket.write('550 not here\r\n')
        else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 fine\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, mails, close: () => server.close() }
}
