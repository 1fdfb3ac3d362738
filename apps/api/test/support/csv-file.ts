/** Headers of a CSV. */
export const CSV = { "content-type": "text/csv" };

/** Headers of JSON lines. */
export const NDJSON = { "content-type": "application/x-ndjson" };

/** Columns of iris. */
export const HEAD = "sepal_length,sepal_width,petal_length,petal_width";

/** Columns that a result adds. */
export const RESULT = "class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error";

/** A row of iris. */
export const ROW = "5.1,3.5,1.4,0.2";

/** What a result adds to it. */
export const SETOSA = "0,setosa,1,1,0,0,";
