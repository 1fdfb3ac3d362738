/** Rows with everything a file may hold, good and bad. */
export const MIXED = [
  "sepal_width;id;petal_width;sepal_length;note;petal_length",
  "3.5;1;0.2;5.1;plain;1.4",
  '3.5;2;0.2;5.1;"two\nlines; ""quoted""";1.4',
  "2.7;3;1.6;6;=cmd();5.1",
  "-2.7;4;1.6;6;-1;5.1",
  "2.7;5;;6;;NaN",
  "2.7;6",
  "",
  "2.7;7;1.6;6;x;5.1;8;9",
  "2.7;8;1e39;6;é😀;1e400",
].join("\r\n");

/** JSON lines of every kind, good and bad. */
export const LINES = [
  '{"features":[5.1,3.5,1.4,0.2]}',
  '{"id":7,"features":[6,2.7,5.1,1.6],"class":"virginica"}',
  " ",
  '{"features":[5.1,-3.5,1.4,"0.2"]}',
  '{"id":8}',
  "[1,2]",
  "{broken",
  '{ "features" : [6.9,3.1,5.4,2.1] }',
].join("\n");
