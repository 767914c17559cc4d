/** Child process of the evaluation book's crash test: goes on evaluating where the book ends and says each round. */
import { EvaluationBook } from "../../workers/database/evaluationBook.ts";
import { evaluateNext } from "./inventedRounds.ts";

const book = new EvaluationBook(process.argv[2]);
for (;;) process.stdout.write(`${await evaluateNext(book)}\n`);
