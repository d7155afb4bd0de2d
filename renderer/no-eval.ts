import { z } from 'zod'

// The page's policy forbids evaluating text as code, which zod would otherwise try as soon as a schema is made: so this
// comes before everything that makes one.
z.config({ jitless: true })
