import { PeerFault } from '../peer-fault.ts'
import { SketchInvalid } from '../riblt/sketch-invalid.ts'

/**
 * Runs work on what a peer sent; what that work throws because of it becomes the peer's fault.
 * @throws {PeerFault} `malformed` or `sketch-invalid`
 */
export function guardPeerData<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SketchInvalid) {
      throw new PeerFault('sketch-invalid', `The peer's sketch is not one of a set: ${error.code}.`, {
        cause: error,
      })
    }
    if (error instanceof RangeError) {
      throw new PeerFault('malformed', `The peer's data is out of bounds: ${error.message}`, { cause: error })
    }
    throw error
  }
}
