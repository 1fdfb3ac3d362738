import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.PredictionsApi;
import org.openapitools.client.model.IrisPredictBatchRequest;
import org.openapitools.client.model.IrisPredictBatchResponse;
import org.openapitools.client.model.IrisPredictRequest;
import org.openapitools.client.model.IrisPredictResponse;
import org.openapitools.client.model.ValidationError;

/** Uses the generated SDK: one prediction, a batch, an input that breaks a rule, and a file. */
public class UseSdk {
  private static List<BigDecimal> row(double... values) {
    return Arrays.stream(values).mapToObj(BigDecimal::valueOf).toList();
  }

  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(args[0]);
    // By itself it accepts problems (RFC 9457) as well, and the server sends those then.
    client.setRequestInterceptor(request -> request.setHeader("Accept", "application/json"));
    PredictionsApi api = new PredictionsApi(client);
    ObjectMapper mapper = client.getObjectMapper();

    IrisPredictRequest request =
        new IrisPredictRequest()
            .features(row(6, 2.7, 5.1, 1.6))
            .modelName(IrisPredictRequest.ModelNameEnum.IRIS_FOREST);
    IrisPredictResponse answer = api.predict(request, null, null, null);

    IrisPredictBatchRequest rows =
        new IrisPredictBatchRequest()
            .rows(List.of(row(5.1, 3.5, 1.4, 0.2), row(6.9, 3.1, 5.4, 2.1)));
    IrisPredictBatchResponse batch = api.predictBatch(rows, null, null, null);

    int status;
    ValidationError refused;
    try {
      IrisPredictRequest negative = new IrisPredictRequest().features(row(-1, 2.7, 5.1, 1.6));
      api.predict(negative, null, null, null);
      throw new IllegalStateException("a negative length was taken");
    } catch (ApiException error) {
      status = error.getCode();
      refused = mapper.readValue(error.getResponseBody(), ValidationError.class);
    }

    Path file = Files.createTempFile("rows", ".csv");
    String scored;
    try {
      Files.writeString(file, args[1]);
      Path result =
          api.predictFile(file.toFile(), null, null, null, null, null, null, null, null).toPath();
      scored = Files.readString(result);
      Files.delete(result);
    } finally {
      Files.delete(file);
    }

    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("label", answer.getLabel().getValue());
    shown.put("labels", batch.getPredictions().stream().map(each -> each.getLabel().getValue()).toList());
    shown.put("status", status);
    shown.put(
        "rules",
        refused.getDetail().stream()
            .map(
                rule ->
                    Map.of(
                        "type", rule.getType(),
                        "loc", rule.getLoc().stream().map(each -> each.getActualInstance()).toList()))
            .toList());
    shown.put("scored", scored);
    System.out.println(mapper.writeValueAsString(shown));
  }
}
