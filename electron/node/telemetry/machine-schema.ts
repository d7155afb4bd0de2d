import { z } from 'zod'
import { quantity, toPublishedSchema, unavailableField } from './schema.ts'

/** More cores than any machine we know of; keeps a sample's size bounded. */
export const MAX_CORES = 1_024

const age = (of: string) => quantity('s', `Age of ${of}`, `How long before this message ${of} was read.`)

export const machineSampleSchema = z
  .strictObject({
    cpu: z.strictObject({
      total: quantity('%', 'CPU', 'Share of all cores in use since the message before.'),
      cores: z
        .array(z.number().meta({ title: 'CPU of one core', unit: '%' }))
        .max(MAX_CORES)
        .nullable()
        .meta({ title: 'CPU per core', description: 'In the order of the system.', unit: '%' }),
    }),
    load: z.strictObject({
      m1: quantity(
        '1',
        'Load, 1 min',
        'Runnable and waiting processes, mean of one minute. Not known on Windows.',
      ),
      m5: quantity('1', 'Load, 5 min', 'The same over five minutes.'),
      m15: quantity('1', 'Load, 15 min', 'The same over fifteen minutes.'),
    }),
    memory: z.strictObject({
      total: quantity('B', 'Memory', 'Physical memory.'),
      used: quantity('B', 'Memory in use', 'Physical memory that programs could not be given.'),
      swap: quantity('B', 'Swap in use', 'Memory moved to disk.'),
    }),
    disk: z.strictObject({
      total: quantity('B', 'Disk', 'Size of the file system that holds the data folder.'),
      free: quantity('B', 'Disk free', 'What this user may still write to that file system.'),
      read: quantity('B/s', 'Disk read', 'Bytes read a second, all disks.'),
      write: quantity('B/s', 'Disk write', 'Bytes written a second, all disks.'),
    }),
    network: z.strictObject({
      received: quantity(
        'B/s',
        'Network in',
        'Bytes received a second on the interfaces of the default route.',
      ),
      sent: quantity('B/s', 'Network out', 'Bytes sent a second on the same interfaces.'),
    }),
    processes: z.strictObject({
      total: quantity('1', 'Processes', 'Processes of the whole system.'),
      running: quantity('1', 'Processes running', 'Those on a core or waiting for one.'),
    }),
    eventLoop: z.strictObject({
      p50: quantity('ms', 'Event-loop delay, median', 'How late timers of the publishing process fired.'),
      p99: quantity('ms', 'Event-loop delay, p99', 'The same, 99th percentile since the message before.'),
      max: quantity('ms', 'Event-loop delay, worst', 'The same, longest since the message before.'),
    }),
    age: z.strictObject({
      memory: age('memory'),
      space: age('disk size'),
      disk: age('disk traffic'),
      network: age('network traffic'),
      processes: age('the process count'),
    }),
    unavailable: unavailableField(),
  })
  .meta({
    title: 'Machine telemetry',
    description:
      'Health of the machine a Tidemark node runs on, once a second. A reading that could not be had is null.',
  })

export type MachineSample = z.infer<typeof machineSampleSchema>

/** Stored in the metadata of the machine's stream. */
export const MACHINE_SCHEMA = toPublishedSchema(machineSampleSchema)
