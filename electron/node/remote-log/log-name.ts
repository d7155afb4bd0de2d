import { MAX_NAME_BYTES } from './bounds.ts'
import { RemoteLogError } from './errors.ts'

/**
 * Names that can be typed, linked to and printed: letters, digits and `._~:/#@-`, at most `MAX_NAME_BYTES`.
 * @throws {RemoteLogError} `name-invalid`
 */
export function assertNameValid(name: string): void {
  if (name.length > MAX_NAME_BYTES || !/^[\w.~:/#@-]+$/.test(name)) {
    throw new RemoteLogError(
      'name-invalid',
      `A name has 1 to ${MAX_NAME_BYTES} letters, digits or any of . _ ~ : / # @ -`,
    )
  }
}
