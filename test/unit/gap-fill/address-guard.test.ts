import { lookup } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { assertPublicHost, isPublicAddress, lookupPublic } from '../../../electron/node/public-address.ts'

const refuse = (host: string) => Object.assign(new Error(host), { failure: 'address-refused' })

describe('addresses strangers may lead this node to', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '223.255.255.255',
    '2606:4700::1111',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it('are refused when they are written out, and names are left to the lookup', () => {
    expect(() => assertPublicHost('127.0.0.1', refuse)).toThrow(
      expect.objectContaining({ failure: 'address-refused' }),
    )
    expect(() => assertPublicHost('[::1]', refuse)).toThrow(
      expect.objectContaining({ failure: 'address-refused' }),
    )
    expect(() => assertPublicHost('8.8.8.8', refuse)).not.toThrow()
    expect(() => assertPublicHost('storage.example.org', refuse)).not.toThrow()
  })

  it('are refused when a name stands for them', async () => {
    const isKnownHere = await new Promise((resolve) =>
      lookup('localhost', (error) => resolve(error === null)),
    )
    expect(isKnownHere).toBe(true)
    for (const options of [{}, { all: true }]) {
      const error = await new Promise((resolve) => lookupPublic(refuse)('localhost', options, resolve))
      expect(error).toMatchObject({ failure: 'address-refused' })
    }
  })
})
