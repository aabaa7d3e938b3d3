// The rows of an answer as one table.

class Rows {
  constructor(data) {
    this.columns = data;
    this.count = data.length ? data[0].length : 0;
    this.usual = "";
  }

  noun(number) {
    return number === 1 ? "1 row" : number.toLocaleString("en") + " rows";
  }

  cells(i) {
    return this.columns.map((column) => [column[i] === null ? null : datum(column[i])]);
  }

  text(i) {
    return this.columns.map((column) => (column[i] === null ? "" : column[i])).join("\n").toLowerCase();
  }

  key(name) {
    const column = this.columns[Number(name)];
    const numbers = column.every((it) => it === null || typeof it === "number");
    // What is not known comes last.
    if (numbers) return column.map((it) => (it === null ? Infinity : it));
    return column.map((it) => (it === null ? "\uffff" : String(it).toLowerCase()));
  }

  test() {
    return () => true;
  }
}

async function begin() {
  const table = new BigTable(document.getElementById("rows"), new Rows(await embedded("rows-data")));
  const follow = () => {
    const { name, values } = fragment();
    if (name === "rows") table.take(values);
  };
  addEventListener("hashchange", follow);
  if (location.hash) follow();
  ready();
}

begin();
