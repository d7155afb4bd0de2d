import { z } from 'zod'
import { TidemarkError } from '../../../shared/errors.ts'
import { partInput, publisherInput, timestampInput } from '../../../shared/inputs.ts'
import { channelInputSchema } from '../../../shared/rules/channel.ts'
import {
  MAX_ALERT_PAGE,
  MAX_CHANNEL_NAME_LENGTH,
  MAX_RULE_ID_LENGTH,
  MAX_RULE_SET_LENGTH,
  MAX_RULES,
  MAX_SILENCE_MS,
} from '../../../shared/rules/limits.ts'
import { type Rule, ruleSchema } from '../../../shared/rules/rule.ts'
import { readRuleSet, writeRuleSet } from '../../../shared/rules/rule-set.ts'
import { type ApiContext, procedure, router } from '../trpc.ts'

const alertIdInput = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const channelNameInput = z.object({ name: z.string().min(1).max(MAX_CHANNEL_NAME_LENGTH) })
const ruleIdInput = z.string().max(MAX_RULE_ID_LENGTH)

const listInput = z.object({
  state: z.enum(['open', 'resolved']),
  part: partInput.optional(),
  ruleId: ruleIdInput.optional(),
  after: z.object({ since: timestampInput, id: alertIdInput }).optional(),
  limit: z.int().min(1).max(MAX_ALERT_PAGE).default(100),
})

const silenceInput = z.object({
  ruleId: ruleIdInput.nullable(),
  publisher: publisherInput.nullable(),
  reason: z.string().trim().max(200),
  lastsMs: z.int().min(60_000).max(MAX_SILENCE_MS),
})

/** Puts a rule in the place of the one with its id, or behind all others. */
async function putRule(node: ApiContext['node'], rule: Rule): Promise<void> {
  const rules = [...(await node.alerts.rules())]
  const at = rules.findIndex(({ id }) => id === rule.id)
  if (at >= 0) rules[at] = rule
  else if (rules.length < MAX_RULES) rules.push(rule)
  else {
    throw new TidemarkError(
      'invalid-input',
      `There are ${MAX_RULES} rules already.`,
      'Remove one that is no longer needed.',
    )
  }
  await node.alerts.setRules(rules)
}

/** Rules on what is stored, and their alerts. */
export const alertsRouter = router({
  /** How the judging goes, and how many alerts there are. */
  state: procedure.query(({ ctx }) => ctx.node.alerts.state()),
  list: procedure.input(listInput).query(({ ctx, input }) => ctx.node.alerts.alerts(input)),
  /** One alert, wherever it stands in the lists; null when it has been forgotten. */
  one: procedure
    .input(z.object({ id: alertIdInput }))
    .query(({ ctx, input }) => ctx.node.alerts.alert(input.id)),
  /** Stretches in which alerts fired, to be drawn on a time axis. */
  marks: procedure
    .input(z.object({ part: partInput, from: timestampInput, to: timestampInput }))
    .query(({ ctx, input }) => ctx.node.alerts.marks(input.part, input.from, input.to)),
  acknowledge: procedure
    .input(z.object({ ids: z.array(alertIdInput).min(1).max(MAX_ALERT_PAGE), isIt: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.node.alerts.acknowledge(input.ids, input.isIt)),

  silences: procedure.query(({ ctx }) => ctx.node.alerts.silences()),
  silence: procedure.input(silenceInput).mutation(({ ctx, input }) => ctx.node.alerts.addSilence(input)),
  endSilence: procedure
    .input(z.object({ id: z.int() }))
    .mutation(({ ctx, input }) => ctx.node.alerts.endSilence(input.id)),

  rules: procedure.query(({ ctx }) => ctx.node.alerts.rules()),
  putRule: procedure.input(ruleSchema).mutation(({ ctx, input }) => putRule(ctx.node, input)),
  removeRule: procedure.input(z.object({ id: ruleIdInput })).mutation(async ({ ctx, input }) => {
    const rules = await ctx.node.alerts.rules()
    await ctx.node.alerts.setRules(rules.filter(({ id }) => id !== input.id))
  }),
  /** All rules as text, to keep and to share. */
  ruleText: procedure.query(async ({ ctx }) => writeRuleSet(await ctx.node.alerts.rules())),
  /** Replaces all rules by those of a text. */
  setRuleText: procedure
    .input(z.object({ text: z.string().max(MAX_RULE_SET_LENGTH) }))
    .mutation(async ({ ctx, input }) => {
      const { rules, problem } = readRuleSet(input.text)
      if (problem !== undefined) throw new TidemarkError('invalid-input', problem, 'Correct the text.')
      await ctx.node.alerts.setRules(rules)
      return { rules: rules.length }
    }),
  channels: procedure.query(({ ctx }) => ctx.node.alerts.channels.channels()),
  putChannel: procedure
    .input(channelInputSchema)
    .mutation(({ ctx, input }) => ctx.node.alerts.channels.put(input)),
  removeChannel: procedure
    .input(channelNameInput)
    .mutation(({ ctx, input }) => ctx.node.alerts.channels.remove(input.name)),
  /** Tells a channel a test at once; fails with what went wrong. */
  testChannel: procedure
    .input(channelNameInput)
    .mutation(({ ctx, input }) => ctx.node.alerts.channels.test(input.name)),
  deliveries: procedure.query(({ ctx }) => ctx.node.alerts.channels.deliveries()),
  /** What a rule would have done over stored messages; yields progress, the result last. */
  preview: procedure
    .input(z.object({ rule: ruleSchema, from: timestampInput, to: timestampInput }))
    .subscription(async function* ({ ctx, input, signal }) {
      yield* ctx.node.alerts.preview(input, signal)
    }),
})
