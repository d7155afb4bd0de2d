import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import { chooseFleetFields, MAX_FLEET_FIELDS, MAX_FLEET_SPAN_MS } from '../../../shared/fleet.ts'
import { judgeFleet, latestFields } from '../../../shared/fleet-standing.ts'
import { fieldPathInput, partInput, timestampInput } from '../../../shared/inputs.ts'
import { procedure, router } from '../trpc.ts'

const fleetInput = z.object({
  part: partInput,
  /** The window ends here; now when left out. */
  to: timestampInput.optional(),
  spanMs: z.int().min(1_000).max(MAX_FLEET_SPAN_MS).default(300_000),
  /** Numeric fields with percentiles; those whose names say that they are resources when left out. */
  fields: z.array(fieldPathInput).max(MAX_FLEET_FIELDS).optional(),
})

/** All publishers of a stream side by side. */
export const fleetRouter = router({
  view: procedure.input(fleetInput).query(async ({ ctx, input, signal }) => {
    const { store } = ctx.node
    if (store.fleet === undefined) {
      throw new TidemarkError(
        'invalid-input',
        'This message store cannot show a fleet.',
        'Use the embedded store, or look at the publishers one by one in the workspace.',
      )
    }
    const to = input.to ?? Date.now()
    const fields = chooseFleetFields(await store.fields(input.part), input.fields ?? null)
    const query = {
      part: input.part,
      from: Math.max(0, to - input.spanMs),
      to,
      fields: fields.resources,
      latest: latestFields(fields),
    }
    return judgeFleet(await store.fleet(query, signal), fields)
  }),
})
