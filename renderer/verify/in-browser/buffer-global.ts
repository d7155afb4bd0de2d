// @ts-expect-error the package of this name for browsers; the build knows where it lies
import { Buffer as BrowserBuffer } from 'buffer-for-browsers'

/** The verifier's code takes `Buffer` for granted. To be imported before it. */
globalThis.Buffer = BrowserBuffer
