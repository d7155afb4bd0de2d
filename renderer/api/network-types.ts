import type { inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '../../electron/api/router.ts'

type Network = inferRouterOutputs<AppRouter>['network']

/** What the node tells of itself and its peers. */
export type NetworkSelf = Network['self']
export type NetworkPeer = Network['peers'][number]
export type CoverageMatrix = Network['coverage']
export type CoverageRow = CoverageMatrix['rows'][number]
export type NetworkQuery = Network['queries'][number]
export type QueryPeer = NetworkQuery['report']['peers'][number]
