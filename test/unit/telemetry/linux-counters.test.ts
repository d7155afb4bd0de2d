import { describe, expect, it } from 'vitest'
import {
  defaultRouteInterfaces,
  parseDiskStats,
  parseNetworkDevices,
  parseRunning,
} from '../../../electron/node/telemetry/linux-counters.ts'

const DISK_STATS = `   7       0 loop0 43 0 700 10 0 0 0 0 0 8 10 0 0 0 0 0 0
   8       0 sda 1000 20 4000 300 500 10 8000 900 0 400 1200 0 0 0 0 0 0
   8       1 sda1 990 20 3900 290 490 10 7900 890 0 390 1180 0 0 0 0 0 0
 259       0 nvme0n1 100 0 200 30 50 0 400 90 0 40 120 0 0 0 0 0 0
 253       0 dm-0 1000 0 4200 300 500 0 8400 900 0 400 1200 0 0 0 0 0 0
`
const NETWORK_DEVICES = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 4933282    4389    0    0    0     0          0         0  4933282    4389    0    0    0     0       0          0
  eth0:873373009   26571    0    0    0     0          0         0  2298273   17355    0    0    0     0       0          0
docker0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0
`
const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
`

describe('counters of the Linux kernel', () => {
  it('whole physical disks are counted once, in bytes: no partitions, loops or mapped devices', () => {
    const disks = new Set(['loop0', 'sda', 'nvme0n1', 'dm-0'])
    expect(parseDiskStats(DISK_STATS, disks)).toEqual({ read: 4_200 * 512, write: 8_400 * 512 })
  })

  it('a machine without disks of its own says "not supported"', () => {
    expect(() => parseDiskStats(DISK_STATS, new Set(['loop0']))).toThrow('not-supported')
  })

  it('traffic is that of the default route, so what a bridge passes on is not counted twice', () => {
    const wanted = defaultRouteInterfaces(ROUTES)
    expect([...wanted]).toEqual(['eth0'])
    expect(parseNetworkDevices(NETWORK_DEVICES, wanted)).toEqual({ received: 873_373_009, sent: 2_298_273 })
  })

  it('without a default route everything but the loopback counts', () => {
    expect(parseNetworkDevices(NETWORK_DEVICES, new Set())).toEqual({
      received: 873_374_009,
      sent: 2_300_273,
    })
    expect(() => parseNetworkDevices('', new Set())).toThrow('not-supported')
  })

  it('a line that is not a number is refused instead of read as zero', () => {
    expect(() => parseNetworkDevices('eth0: many 1 2 3 4 5 6 7 8', new Set())).toThrow('wrong-shape')
    expect(parseRunning('cpu 1 2\nprocs_running 3\nprocs_blocked 0\n')).toBe(3)
    expect(() => parseRunning('cpu 1 2\n')).toThrow('wrong-shape')
  })
})
