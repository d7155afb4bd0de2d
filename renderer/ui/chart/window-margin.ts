import { PLOT } from './frame.ts'
import { createValueMargin, type ValueMargin } from './value-margin.ts'

/** The room for values at the left of every plot of this window. */
export const valueMargin: ValueMargin = createValueMargin(PLOT.left)
