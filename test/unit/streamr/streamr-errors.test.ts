import { describe, expect, test } from 'vitest'
import { toTidemarkError } from '../../../electron/node/streamr/streamr-errors.ts'
import { TidemarkError } from '../../../shared/errors.ts'

function coded(code: string, message = '', extra: object = {}): Error {
  return Object.assign(new Error(message), { code, ...extra })
}

describe('errors of the SDK as a user sees them', () => {
  test.each([
    ['a stream that is not there', coded('STREAM_NOT_FOUND', 'Stream not found: id=x'), 'stream-not-found'],
    [
      'a call the contract reverted',
      coded('CALL_EXCEPTION', '', { reason: 'error_streamDoesNotExist' }),
      'stream-not-found',
    ],
    [
      'publishing without right',
      coded('MISSING_PERMISSION', "You don't have permission"),
      'stream-no-permission',
    ],
    [
      'granting without right',
      coded('CALL_EXCEPTION', 'execution reverted: error_noSharePermission'),
      'stream-no-permission',
    ],
    [
      'a stream in somebody else’s namespace',
      new Error('stream id "0x1/a" not in namespace of authenticated user "0x2"'),
      'stream-no-permission',
    ],
    [
      'a stream that exists',
      coded('CALL_EXCEPTION', '', { reason: 'error_streamAlreadyExists' }),
      'invalid-input',
    ],
    [
      'an empty purse',
      coded('INSUFFICIENT_FUNDS', 'insufficient funds for intrinsic transaction cost'),
      'chain-unavailable',
    ],
    [
      'no connection',
      new Error('outer', { cause: coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1') }),
      'rpc-unreachable',
    ],
    ['a quorum that is not met', coded('SERVER_ERROR', 'quorum not met'), 'rpc-unreachable'],
    [
      'a contract out of reach',
      new Error('Could not reach the StreamRegistry Smart Contract: timeout'),
      'rpc-unreachable',
    ],
  ])('%s', (_name, error, code) => {
    const known = toTidemarkError(error)
    expect(known).toBeInstanceOf(TidemarkError)
    expect(known).toMatchObject({ code, remedy: expect.stringMatching(/\.$/), cause: error })
  })

  test('what is not known stays what it is', () => {
    const error = new Error('something else')
    expect(toTidemarkError(error)).toBe(error)
    expect(toTidemarkError('text')).toBe('text')
    expect(toTidemarkError(undefined)).toBeUndefined()
  })

  test('causes that go round in a circle end', () => {
    const error = new Error('a') as Error & { cause: unknown }
    error.cause = error
    expect(toTidemarkError(error)).toBe(error)
  })
})
