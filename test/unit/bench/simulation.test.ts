import { describe, expect, it } from 'vitest'
import { simulate } from '../../bench/simulation.ts'

describe('a simulated network of thirty nodes', () => {
  it('hears every announcement everywhere, and a query finds all that is held', async () => {
    const figures = await simulate(30)
    expect(figures.heardShare).toBe(1)
    expect(figures.queryPeers).toBe(29)
    // Thirty random fifths of the messages hold all but one in a thousand of them.
    expect(figures.queryShare).toBeGreaterThan(0.99)
    // Everyone has it from one and passes it on to a few: no more than a mesh full of copies.
    expect(figures.copiesPerNodeAndAnnouncement).toBeGreaterThan(1)
    expect(figures.copiesPerNodeAndAnnouncement).toBeLessThan(12)
  })
})
