import { jobRef } from "@sepal/schema/job";
import * as z from "zod";
import { get } from "./path-builders.ts";

const CSV = `sepal_length,sepal_width,petal_length,petal_width,class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error
5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,
`;
const NDJSON = `{"features":[5.1,3.5,1.4,0.2],"class":0,"label":"setosa","confidence":1,"proba_setosa":1,"proba_versicolor":0,"proba_virginica":0,"error":null}
`;

const result = {
  200: {
    description: "The file with its answers, in the format it was sent in",
    content: {
      "text/csv": { schema: z.string(), example: CSV },
      "application/x-ndjson": { schema: z.string(), example: NDJSON },
    },
  },
};

/** Paths of jobs that are no procedures of their own. */
export function jobPaths() {
  const params = z.object(jobRef.shape);
  const summary = "The result of a job that has succeeded; 409 before";
  return {
    "/jobs/{job_id}/result": get({ id: "jobResult", tag: "jobs", summary, params }, result),
  };
}
