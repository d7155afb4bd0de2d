/** Carries out what it is given one after the other; a failure is its caller's and stops nobody. */
export type OneByOne = <T>(task: () => Promise<T>) => Promise<T>

export function createOneByOne(): OneByOne {
  let queue: Promise<unknown> = Promise.resolve()
  return (task) => {
    const done = queue.then(task)
    queue = done.catch(() => undefined)
    return done
  }
}
