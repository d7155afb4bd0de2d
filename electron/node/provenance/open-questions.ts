/** Lists of questions sent to another thread, each with the promise that its answers settle. */
export class OpenQuestions<Question, Answer> {
  readonly #send: (id: number, questions: Question[]) => void
  readonly #open = new Map<number, (answers: Answer[]) => void>()
  #lastId = 0

  constructor(send: (id: number, questions: Question[]) => void) {
    this.#send = send
  }

  ask(questions: Question[]): Promise<Answer[]> {
    return new Promise((resolve) => {
      const id = ++this.#lastId
      this.#open.set(id, resolve)
      this.#send(id, questions)
    })
  }

  answer(id: number, answers: Answer[]): void {
    this.#open.get(id)?.(answers)
    this.#open.delete(id)
  }
}
