//! axum + ONNX Runtime, micro-batched: the iris forest with the routes and the JSON of Sepal's REST API.
//!
//! One thread for HTTP and one for inference; in `bench` both share one core, as do the threads of one Sepal process.

use std::{env, path::Path, thread, time::Instant};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::post,
    serve::ListenerExt,
};
use ort::{session::Session, value::TensorRef};
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

const FEATURES: usize = 4;
const CLASSES: usize = 3;
const LABELS: [&str; CLASSES] = ["setosa", "versicolor", "virginica"];

/// Rows of the requests that one run takes together; a request of more has a run of its own.
const MAX_ROWS: usize = 64;
const MAX_BODY_BYTES: usize = 16 << 20;

/// A positive number that float32 holds.
#[derive(Deserialize)]
#[serde(try_from = "f64")]
struct Feature(f32);

impl TryFrom<f64> for Feature {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        let feature = number as f32;
        if feature > 0.0 && feature.is_finite() {
            Ok(Self(feature))
        } else {
            Err("expected a finite number greater than 0")
        }
    }
}

type Row = [Feature; FEATURES];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PredictRequest {
    features: Row,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PredictBatchRequest {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Prediction {
    class: usize,
    label: &'static str,
    proba: [f32; CLASSES],
    confidence: f32,
}

/// What every response says about its model.
#[derive(Serialize)]
struct Served {
    model_used: &'static str,
    model_version: &'static str,
    processing_time_ms: f64,
}

impl Served {
    fn since(start: Instant) -> Self {
        Self {
            model_used: "iris-forest",
            model_version: "1",
            processing_time_ms: start.elapsed().as_micros() as f64 / 1000.0,
        }
    }
}

#[derive(Serialize)]
struct PredictResponse {
    #[serde(flatten)]
    prediction: Prediction,
    #[serde(flatten)]
    served: Served,
}

#[derive(Serialize)]
struct PredictBatchResponse {
    predictions: Vec<Prediction>,
    count: usize,
    #[serde(flatten)]
    served: Served,
}

/// The rows of one request, `[n, 4]`, and where their predictions go.
struct Job {
    rows: Vec<Row>,
    done: oneshot::Sender<Vec<Prediction>>,
}

type Jobs = mpsc::UnboundedSender<Job>;

fn open_forest(model: &Path) -> ort::Result<Session> {
    Session::builder(&ort::init().with_telemetry(false).build()?)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .commit_from_file(model)
}

fn predict_rows(session: &mut Session, features: &[f32]) -> ort::Result<Vec<Prediction>> {
    let shape = [features.len() / FEATURES, FEATURES];
    let outputs =
        session.run(ort::inputs!["features" => TensorRef::from_array_view((shape, features))?])?;
    let (_, classes) = outputs["class"].try_extract_tensor::<i64>()?;
    let (_, proba) = outputs["proba"].try_extract_tensor::<f32>()?;
    let (proba, _) = proba.as_chunks::<CLASSES>();
    let predictions = classes
        .iter()
        .zip(proba)
        .map(|(&class, &proba)| Prediction {
            class: class as usize,
            label: LABELS[class as usize],
            proba,
            confidence: proba.into_iter().fold(0.0, f32::max),
        });
    Ok(predictions.collect())
}

/// Runs the requests that arrived while the previous run was under way, together.
fn run_jobs(mut session: Session, mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut waiting: Option<Job> = None;
    while let Some(first) = waiting.take().or_else(|| queue.blocking_recv()) {
        let mut count = first.rows.len();
        let mut jobs = vec![first];
        while count < MAX_ROWS
            && let Ok(job) = queue.try_recv()
        {
            if count + job.rows.len() > MAX_ROWS {
                waiting = Some(job);
                break;
            }
            count += job.rows.len();
            jobs.push(job);
        }
        let features: Vec<f32> = jobs
            .iter()
            .flat_map(|job| job.rows.iter().flatten())
            .map(|feature| feature.0)
            .collect();
        match predict_rows(&mut session, &features) {
            Ok(predictions) => {
                let mut predictions = predictions.into_iter();
                for Job { rows, done } in jobs {
                    // Fails where the client has left.
                    let _ = done.send(predictions.by_ref().take(rows.len()).collect());
                }
            }
            // The dropped senders make the handlers respond with 500.
            Err(error) => eprintln!("{error}"),
        }
    }
}

/// Predictions from the inference thread; none where its run failed.
async fn predictions_of(jobs: &Jobs, rows: Vec<Row>) -> Option<Vec<Prediction>> {
    let (done, predictions) = oneshot::channel();
    jobs.send(Job { rows, done }).ok()?;
    predictions.await.ok()
}

// The extractor of both handlers responds with 422 where the JSON is no such request.
async fn predict(
    State(jobs): State<Jobs>,
    Json(request): Json<PredictRequest>,
) -> Result<Json<PredictResponse>, StatusCode> {
    let start = Instant::now();
    let prediction = predictions_of(&jobs, vec![request.features])
        .await
        .and_then(|mut predictions| predictions.pop())
        .ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(PredictResponse {
        prediction,
        served: Served::since(start),
    }))
}

async fn predict_batch(
    State(jobs): State<Jobs>,
    Json(request): Json<PredictBatchRequest>,
) -> Result<Json<PredictBatchResponse>, StatusCode> {
    if request.rows.is_empty() {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let start = Instant::now();
    let predictions = predictions_of(&jobs, request.rows)
        .await
        .ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(PredictBatchResponse {
        count: predictions.len(),
        predictions,
        served: Served::since(start),
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [port, model] = env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: iris-forest <port> <model>")?;
    let session = open_forest(Path::new(&model))?;
    let (jobs, queue) = mpsc::unbounded_channel();
    thread::spawn(|| run_jobs(session, queue));

    let app = Router::new()
        .route("/predict", post(predict))
        .route("/predict-batch", post(predict_batch))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(jobs);
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?))
        .await?
        .tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
    axum::serve(listener, app).await?;
    Ok(())
}
