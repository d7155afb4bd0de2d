import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'

/** Whether this machine lets the tests make networks of their own: it takes Linux, `ip`, and the right to use it. */
export const areNamespacesAllowed = ((): boolean => {
  const name = `tidemark-probe-${process.pid}`
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' })
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

/** Networks of a test's own: nothing in them reaches the machine's network, nor each other where there is no link. */
export class NetworkNamespaces {
  readonly #names: string[] = []

  add(...names: string[]): void {
    for (const name of names) {
      this.#ip('netns', 'add', this.#nameOf(name))
      this.#names.push(name)
      this.ip(name, 'link', 'set', 'lo', 'up')
    }
  }

  /** A cable between two namespaces; the ends have the addresses given, each with its prefix length. */
  link(one: string, other: string, ofOne: readonly string[], ofOther: readonly string[]): void {
    const peer = ['peer', 'name', one, 'netns', this.#nameOf(other)]
    this.ip(one, 'link', 'add', other, 'type', 'veth', ...peer)
    for (const [name, end, addresses] of [
      [one, other, ofOne],
      [other, one, ofOther],
    ] as const) {
      for (const address of addresses) {
        const isIpv6 = address.includes(':')
        this.ip(name, 'address', 'add', address, 'dev', end, ...(isIpv6 ? ['nodad'] : []))
      }
      this.ip(name, 'link', 'set', end, 'up')
    }
  }

  /** Runs `ip` in a namespace. */
  ip(name: string, ...command: string[]): void {
    this.#ip('-n', this.#nameOf(name), ...command)
  }

  /** Lets a namespace pass on what is not for itself. */
  forward(name: string): void {
    const setting = 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
    this.#ip('netns', 'exec', this.#nameOf(name), 'sh', '-c', setting)
  }

  spawn(name: string, command: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.#nameOf(name), ...command], options)
  }

  remove(): void {
    for (const name of this.#names.splice(0)) this.#ip('netns', 'delete', this.#nameOf(name))
  }

  #nameOf(name: string): string {
    return `tidemark-${process.pid}-${name}`
  }

  #ip(...command: string[]): void {
    execFileSync('ip', command, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}
